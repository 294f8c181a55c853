#include "benchmarks/stored.hpp"

#include "actors/dialog/bot.hpp"
#include "benchmarks/orders.hpp"

#include <cstdio>

namespace interject::bench {

namespace {

using journal::commit;

std::string numbered(const char* format, std::size_t i) {
  char text[32];
  std::snprintf(text, sizeof text, format, i);
  return text;
}

// The rows of conversation 0, made by a node: those of the others differ in its name alone.
commit first_rows() {
  auto store = journal::make_memory_store();
  load l;
  l.conversations = l.window = 1;
  l.name = stored_name;
  l.next = [](std::size_t, std::size_t step) -> std::optional<request> {
    if (step == 0)
      return open_conversation{};
    if (step > 1)
      return std::nullopt;
    auto order = say("order");
    std::get<post_activity>(order).activity.from = stored_user(0);
    return order;
  };
  run_load(l, store);
  auto rows = store->open_reader();
  auto row = rows->load(stored_name(0));
  auto said = rows->history(stored_name(0), 0, 100);
  if (!row || !*row || !said || said->empty())
    throw std::runtime_error("the first conversation was not stored");
  commit c;
  c.conversation = stored_name(0);
  c.state = (*row)->state;
  c.user = (*row)->user;
  c.wake_at = (*row)->wake_at;
  c.at = (*row)->updated;
  c.pinned = std::string(dialog::version(*orders_bot()));
  c.activities = *said;
  c.persons.push_back({stored_user(0), stored_name(0), true, c.at});
  return c;
}

void rename(std::string& in, const std::string& from, const std::string& to) {
  for (auto at = in.find(from); at != in.npos; at = in.find(from, at + to.size()))
    in.replace(at, from.size(), to);
}

// Names are equally long, so that lengths within the binary state stay right.
journal::commit_ptr rows_of(const commit& first, std::size_t i, std::size_t symbols) {
  auto c = std::make_shared<commit>(first);
  auto from = stored_name(0), to = stored_name(i);
  c->conversation = to;
  rename(c->state, from, to);
  rename(c->user, from, to);
  for (auto& a : c->activities) {
    auto body = *a.body;
    rename(body, from, to);
    a.body = std::make_shared<const std::string>(std::move(body));
  }
  c->persons.front() = {stored_user(i), to, true, c->at};
  if (symbols == 0)
    return c;
  watch_row w;
  w.id = "w-" + std::to_string(i);
  w.conversation = to;
  w.symbol = stored_symbol(i % symbols);
  w.when = {watch_kind::falls_to, decimal::of(100)};
  w.notify.text = {{"", "{symbol} is at {price}."}};
  w.notify.mode = delivery_mode::ad_hoc;
  w.notify.urgency = urgency::critical; // they ordered a moment ago: others wait for typing to end
  w.state = watch_state::armed;
  w.baseline = decimal::of(120);
  w.order = i + 1;
  c->watches.push_back(std::move(w));
  if (i < symbols)
    c->symbols.push_back(
        {stored_symbol(i), decimal::of(120), time_point(std::chrono::seconds(1)), {}});
  return c;
}

} // namespace

conversation_id stored_name(std::size_t i) {
  return numbered("bench-%08zu", i);
}
user_id stored_user(std::size_t i) {
  return "dl_" + stored_name(i);
}
std::string stored_symbol(std::size_t i) {
  return numbered("S%03zu", i);
}

void store_conversations(const std::filesystem::path& folder, std::size_t n, std::size_t symbols) {
  auto first = first_rows();
  std::filesystem::create_directories(folder);
  auto store = journal::open_sqlite_store(folder);
  if (!store)
    throw std::runtime_error(store.error().what);
  if (auto kept = (*store)->keep_bot(first.pinned, std::string(orders_source())); !kept)
    throw std::runtime_error(kept.error().what);
  for (std::size_t i = 0; i < n;) {
    std::vector<journal::commit_ptr> batch;
    for (; batch.size() < 5000 && i < n; ++i)
      batch.push_back(rows_of(first, i, symbols));
    std::vector<result<void>> outcomes(batch.size());
    if (auto ok = (*store)->write(batch, outcomes); !ok)
      throw std::runtime_error(ok.error().what);
    for (auto& each : outcomes)
      if (!each)
        throw std::runtime_error(each.error().what);
  }
}

} // namespace interject::bench
