#include "gateway/metrics.hpp"

#include "gateway/routes.hpp"

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <array>
#include <vector>

namespace interject::gateway {

namespace {

using prometheus::MetricFamily;
using prometheus::MetricType;

constexpr const char* status_classes[] = {"1xx", "2xx", "3xx", "4xx", "5xx"};

MetricFamily family(const char* name, const char* help, MetricType type) {
  MetricFamily f;
  f.name = name;
  f.help = help;
  f.type = type;
  return f;
}

void add(MetricFamily& f, double number, std::vector<prometheus::ClientMetric::Label> labels = {}) {
  prometheus::ClientMetric m;
  m.label = std::move(labels);
  if (f.type == MetricType::Counter)
    m.counter.value = number;
  else
    m.gauge.value = number;
  f.metric.push_back(std::move(m));
}

void add_one(std::vector<MetricFamily>& to, const char* name, const char* help, MetricType type,
             double number) {
  to.push_back(family(name, help, type));
  add(to.back(), number);
}

void add_node(std::vector<MetricFamily>& to, const runtime::counters& c) {
  using count = runtime::counters::count;
  struct row {
    const char* name;
    const char* help;
    const count& it;
  };
  const row rows[] = {
      {"interject_conversation_turns_total", "inputs taken by conversations", c.turns},
      {"interject_journal_commits_total", "commits acknowledged", c.commits},
      {"interject_journal_batches_total", "transactions of the journal", c.batches},
      {"interject_journal_failures_total", "commits that failed", c.commit_failures},
      {"interject_conversation_activations_total", "conversations read from their rows",
       c.activations},
      {"interject_conversation_passivations_total", "conversations that left memory",
       c.passivations},
      {"interject_conversation_evictions_total",
       "conversations that left memory as the least recently used of too many", c.evictions},
      {"interject_conversation_activities_total", "activities committed", c.activities},
      {"interject_conversation_refused_total", "inputs refused, as too many were waiting",
       c.refused_busy},
      {"interject_conversation_refused_live_total",
       "inputs refused, as too many conversations were in memory", c.refused_live},
      {"interject_journal_refused_total", "inputs refused, as too much waited for the disk",
       c.refused_journal},
      {"interject_conversation_parked_total", "conversations parked after three failures in a row",
       c.parked},
      {"interject_conversation_migrated_total", "conversations moved to another version of the bot",
       c.migrated},
      {"interject_dialog_failures_total", "dialogs that failed", c.dialog_failures},
      {"interject_actor_failures_total", "exceptions in actors", c.actor_failures},
  };
  auto read = [](const count& n) { return static_cast<double>(n.load(std::memory_order_relaxed)); };
  for (auto& r : rows)
    add_one(to, r.name, r.help, MetricType::Counter, read(r.it));
  add_one(to, "interject_conversation_live", "conversations in memory", MetricType::Gauge,
          read(c.live));
  to.push_back(family("interject_delivery_decisions_total", "decisions about notifications",
                      MetricType::Counter));
  for (int i = 0; i < delivery_code_count; ++i)
    add(to.back(), read(c.decisions[static_cast<std::size_t>(i)]),
        {{"code", to_string(static_cast<delivery_code>(i))}});
}

} // namespace

struct metrics::inner {
  prometheus::Registry registry;
  std::vector<std::array<prometheus::Counter*, 5>> requests; ///< by route and class of status
  prometheus::Histogram* seconds = nullptr;
};

metrics::metrics(std::size_t route_count) : it_(std::make_unique<inner>()) {
  auto& requests = prometheus::BuildCounter()
                       .Name("interject_gateway_requests_total")
                       .Help("answered requests")
                       .Register(it_->registry);
  auto rows = routes();
  for (std::size_t i = 0; i <= route_count; ++i) {
    auto& line = it_->requests.emplace_back();
    for (std::size_t k = 0; k < line.size(); ++k)
      line[k] = &requests.Add({{"method", i < rows.size() ? rows[i].method : "none"},
                               {"route", i < rows.size() ? rows[i].pattern : "none"},
                               {"status", status_classes[k]}});
  }
  auto& seconds = prometheus::BuildHistogram()
                      .Name("interject_gateway_request_seconds")
                      .Help("from a request's arrival to its answer")
                      .Register(it_->registry);
  it_->seconds =
      &seconds.Add({}, prometheus::Histogram::BucketBoundaries{0.0005, 0.001, 0.0025, 0.005, 0.01,
                                                               0.025, 0.05, 0.1, 0.5, 1, 5});
}

metrics::~metrics() = default;

void metrics::answered(std::size_t route, unsigned status, std::chrono::microseconds took) {
  auto row = std::min(route, it_->requests.size() - 1);
  auto kind = std::min<std::size_t>(status / 100, 5) - 1;
  it_->requests[row][kind]->Increment();
  it_->seconds->Observe(static_cast<double>(took.count()) / 1e6);
}

std::string metrics::text(const runtime::counters* node) const {
  auto families = it_->registry.Collect();
  using enum MetricType;
  add_one(families, "interject_gateway_connections", "open sockets", Gauge,
          static_cast<double>(connections.load()));
  add_one(families, "interject_gateway_streams", "open Direct Line streams", Gauge,
          static_cast<double>(streams.load()));
  add_one(families, "interject_gateway_connections_refused_total", "connections over the limit",
          Counter, static_cast<double>(connections_refused.load()));
  add_one(families, "interject_gateway_streams_overrun_total",
          "streams closed as their client was too slow", Counter,
          static_cast<double>(streams_overrun.load()));
  add_one(families, "interject_gateway_frames_total", "frames sent on streams", Counter,
          static_cast<double>(frames.load()));
  if (node)
    add_node(families, *node);
  return prometheus::TextSerializer().Serialize(families);
}

} // namespace interject::gateway
