#include "benchmarks/load.hpp"

#include "benchmarks/running_node.hpp"

#include <malloc.h>
#include <string.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <future>

namespace interject::bench {

namespace {

// Adds up what the bot says, as a stream would see it.
class tally final : public runtime::outlet {
public:
  void publish(const publication& what) override {
    std::string_view body = *what.body;
    if (!find(body, "\"role\":\"bot\""))
      return;
    constexpr std::string_view mark = "\"text\":\"";
    auto begin = static_cast<std::size_t>(find(body, mark) - body.data()) + mark.size();
    sum_.fetch_add(add_text(0, body.substr(begin, body.find('"', begin) - begin)),
                   std::memory_order_relaxed);
    said_.fetch_add(1, std::memory_order_relaxed);
  }
  std::uint64_t sum() const { return sum_; }
  std::uint64_t said() const { return said_; }

private:
  /// Faster than string_view's, which tries every quote.
  static const char* find(std::string_view in, std::string_view what) {
    return static_cast<const char*>(::memmem(in.data(), in.size(), what.data(), what.size()));
  }

  std::atomic<std::uint64_t> sum_{0}, said_{0};
};

struct driver_state {
  std::vector<std::size_t> step; ///< by conversation
  std::size_t begun = 0, over = 0, warm = 0;
  double wall = 0, cpu = 0;
  load_result result;
};
using driver_actor = caf::stateful_actor<driver_state>;

conversation_id name_of(std::size_t conversation) {
  return "bench-" + std::to_string(conversation);
}

void begin_measuring(driver_state& s) {
  s.wall = wall_seconds();
  s.cpu = cpu_seconds();
}

void ask_next(driver_actor* self, const load& what, const caf::actor& router,
              std::size_t conversation);

void begin_one(driver_actor* self, const load& what, const caf::actor& router) {
  auto& s = runtime::state(self);
  if (s.begun < what.conversations)
    ask_next(self, what, router, s.begun++);
}

void ask_next(driver_actor* self, const load& what, const caf::actor& router,
              std::size_t conversation) {
  auto& s = runtime::state(self);
  auto wish = what.next(conversation, s.step[conversation]);
  if (!wish) {
    ++s.over;
    return begin_one(self, what, router);
  }
  std::visit(
      [&](auto& it) {
        it.ticket = conversation;
        it.conversation = what.name ? what.name(conversation) : name_of(conversation);
        if constexpr (requires { it.activity; })
          if (it.activity.from.empty()) // a person of its own
            it.activity.from = "dl_" + it.conversation;
        runtime::send(self, router, std::move(it));
      },
      *wish);
}

caf::behavior drive(driver_actor* self, const load* what, caf::actor router,
                    std::promise<load_result>* done) {
  auto& s = runtime::state(self);
  s.step.resize(what->conversations);
  if (what->warm_up == 0)
    begin_measuring(s);
  for (std::size_t i = 0; i < what->window; ++i)
    begin_one(self, *what, router);
  auto answered = [=](ticket conversation) {
    auto& st = runtime::state(self);
    if (++st.step[conversation] == what->warm_up && ++st.warm == what->conversations)
      begin_measuring(st);
    else if (st.step[conversation] > what->warm_up)
      ++st.result.answers;
    ask_next(self, *what, router, conversation);
    if (st.over < what->conversations)
      return;
    st.result.wall = wall_seconds() - st.wall;
    st.result.cpu = cpu_seconds() - st.cpu;
    done->set_value(st.result);
    self->quit();
  };
  return {
      [=](const opened& a) { answered(a.ticket); },
      [=](const posted& a) { answered(a.ticket); },
      [=](const decided& a) { answered(a.ticket); },
      [=](const refused& a) {
        ++runtime::state(self).result.refused;
        answered(a.ticket);
      },
  };
}

std::uint64_t resident_bytes() {
  ::malloc_trim(0);
  std::ifstream in("/proc/self/statm");
  std::uint64_t all = 0, resident = 0;
  in >> all >> resident;
  return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

} // namespace

load_result run_load(const load& what, std::shared_ptr<journal::store> store, bool measure_memory) {
  auto out = std::make_shared<tally>();
  runtime::node_options how;
  how.out = out;
  how.idle_after = std::chrono::hours(24);
  running_node node(std::move(store), how);
  auto before = measure_memory ? resident_bytes() : 0;
  std::promise<load_result> promise;
  auto future = promise.get_future();
  node.system.spawn(drive, &what, node->router(), &promise);
  auto result = future.get();
  result.resident_before = before;
  result.resident_after = measure_memory ? resident_bytes() : 0;
  node.stop();
  result.said = out->said();
  result.checksum = out->sum();
  result.batches = node->counts().batches;
  return result;
}

request say(std::string text) {
  post_activity post;
  post.activity.text = std::move(text);
  return post;
}

work_folder::work_folder(const settings& with)
    : path_((with.folder.empty() ? std::filesystem::current_path() : with.folder) /
            ("interject-bench-" + std::to_string(::getpid()))) {
  std::filesystem::create_directories(path_);
}

work_folder::~work_folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

} // namespace interject::bench
