#include "actors/monitors/loading.hpp"
#include "actors/monitors/price_state.hpp"

namespace interject::monitors::pricing {
namespace {

constexpr std::size_t watches_a_part = 2000; ///< that are read before the reader serves others

void add_watches(journal::reader& from, loaded_rows& rows, const std::string& cursor) {
  auto page = from.watches("", watches_a_part, cursor);
  if (!page) {
    rows.failed = page.error();
    return;
  }
  rows.watches.reserve(page->items.size());
  for (auto& row : page->items)
    rows.watches.push_back(loaded(std::move(row)));
  rows.more = std::move(page->next);
}

} // namespace

void begin(self_ptr self, const begin_monitoring& b) {
  begin_with_rows(self, b, [](journal::reader& from, loaded_rows& rows) {
    if (!read_whole(rows.symbols, rows.failed, from.symbols()))
      return;
    if (read_pages(rows.kept, rows.failed, [&](const std::string& cursor) {
          return from.kept("price/", load_page, cursor);
        }))
      add_watches(from, rows, {});
  });
}

namespace {

/// Part by part, so that the reader serves others in between.
void read_more(self_ptr self, const std::string& cursor) {
  load_rows(runtime::state(self).reader, caf::actor_cast<caf::actor>(self),
            [cursor](journal::reader& from, loaded_rows& rows) {
              rows.first = false;
              add_watches(from, rows, cursor);
            });
}

/// A row of an earlier run, by what is still to come of it.
void resume(price_state& s, watch_row&& row) {
  bool over = row.state == watch_state::fired || row.state == watch_state::done;
  bool unsaid = row.state != watch_state::done && row.firings > row.taken;
  auto interest_ends = row.fired_at.value_or(row.created) + row.notify.lifetime;
  bool tracked = over && (row.ended < row.firings || row.retracted < row.ended) &&
                 row.when.kind != watch_kind::crosses && interest_ends > s.clock->now();
  if (over && !unsaid && !tracked && row.ended <= row.retracted)
    return;
  if (s.rows.has(row.id))
    return;
  auto& kept = s.rows.put(std::move(row));
  if (!over || tracked) {
    auto terms = terms_of(kept);
    if (over)
      terms.expires = interest_ends;
    for (auto& c : s.index.arm(terms, s.clock->now()))
      remember_order(s, kept, c);
  }
  if (unsaid)
    compose(s, kept, true);
  retract_ended(s, kept, true);
}

/// The same for one of which nothing is to come but what a price brings.
void resume(price_state& s, loaded_watch&& w) {
  auto id = w.terms.id;
  auto order = w.terms.order;
  if (!s.rows.put_packed(id, std::move(w.packed)))
    return;
  if (auto now = s.index.resume(std::move(w.terms), s.clock->now()); now != order) {
    s.rows.find(id)->order = now;
    s.dirty.insert(id);
  }
}

/// In the order in which they came: by the time of a later one a watch may seem to have held long
/// enough, whose condition an earlier one has ended.
void resume_sweeps(price_state& s, const std::map<std::string, sweep_row>& open) {
  std::vector<const sweep_row*> in_order;
  in_order.reserve(open.size());
  for (auto& [symbol, cursor] : open)
    in_order.push_back(&cursor);
  std::stable_sort(in_order.begin(), in_order.end(),
                   [](auto* a, auto* b) { return a->received < b->received; });
  for (auto* cursor : in_order) {
    auto did = s.index.apply(cursor->sample, cursor->received);
    auto& again = s.sweeps[cursor->sample.symbol];
    again.late = true;
    again.rest.insert(again.rest.end(), did.changes.begin(), did.changes.end());
  }
}

void take_first(price_state& s, const loaded_rows& rows) {
  s.reading = {open_sweeps(rows.kept), {}};
  for (auto& q : rows.symbols)
    if (!s.reading.open.count(q.symbol))
      s.index.set_last(q.symbol, {q.price, q.at, q.seq});
  for (auto& [symbol, cursor] : s.reading.open)
    if (cursor.price)
      s.index.set_last(symbol, {*cursor.price, cursor.at, cursor.seq});
  for (auto& e : extremes_in(rows.kept))
    s.index.set_extreme(e);
}

/// Whether it came after the sample whose changes are not all written yet.
bool is_young(const price_state& s, const std::string& symbol, std::uint64_t order) {
  auto it = s.reading.open.find(symbol);
  return it != s.reading.open.end() && (order == 0 || order >= it->second.before);
}

/// Puts it in its place, or among those whose places depend on rows that may still come.
void take_row(price_state& s, loaded_watch&& w) {
  auto order = w.whole ? w.whole->order : w.terms.order;
  s.index.skip_order(order);
  bool young = is_young(s, w.whole ? w.whole->symbol : w.terms.symbol, order);
  if (!w.whole && !young)
    return resume(s, std::move(w));
  auto row = w.whole ? std::move(*w.whole) : unpacked(w.packed);
  if (row.state == watch_state::waiting || order == 0 || young)
    s.reading.later.push_back(std::move(row));
  else
    resume(s, std::move(row));
}

/// All rows are there. One without an order gets its own behind those that have one.
void place_the_rest(self_ptr self) {
  auto& s = runtime::state(self);
  s.began = s.clock->now();
  std::vector<watch_row> young;
  std::deque<operation> first;
  for (auto& row : std::exchange(s.reading.later, {}))
    if (row.state == watch_state::waiting)
      first.push_back(arm_watch{std::move(row)});
    else if (is_young(s, row.symbol, row.order))
      young.push_back(std::move(row));
    else
      resume(s, std::move(row));
  resume_sweeps(s, s.reading.open);
  for (auto& row : young)
    resume(s, std::move(row));
  s.reading = {};
  s.waiting.insert(s.waiting.begin(), std::make_move_iterator(first.begin()),
                   std::make_move_iterator(first.end()));
  say_begun(s);
  work(self);
}

} // namespace

void take_rows(self_ptr self, loaded_rows& rows) {
  auto& s = runtime::state(self);
  if (refused_to_begin(s, rows))
    return;
  if (!rows.more.empty())
    read_more(self, rows.more); // while these are put in their places
  if (rows.first)
    take_first(s, rows);
  s.rows.make_room(rows.watches.size());
  s.index.make_room(rows.watches.size());
  for (auto& w : rows.watches)
    take_row(s, std::move(w));
  if (rows.more.empty())
    place_the_rest(self);
}

} // namespace interject::monitors::pricing
