// Reads every row of a kind, page by page, on the reader's thread.
#pragma once

#include "actors/journal/journal_actor.hpp"
#include "actors/monitors/local_messages.hpp"
#include "actors/runtime/messages.hpp"

namespace interject::monitors {

/// Follows the cursor to the end; false, with `failed` set, when a page cannot be read.
template <class Row, class Read>
bool read_pages(std::vector<Row>& into, std::optional<error>& failed, Read&& read) {
  std::string cursor;
  do {
    result<journal::page<Row>> page = read(cursor);
    if (!page) {
      failed = page.error();
      return false;
    }
    std::move(page->items.begin(), page->items.end(), std::back_inserter(into));
    cursor = page->next;
  } while (!cursor.empty());
  return true;
}

/// Takes a whole result over, or its error.
template <class T> bool read_whole(T& into, std::optional<error>& failed, result<T> found) {
  if (!found) {
    failed = found.error();
    return false;
  }
  into = *std::move(found);
  return true;
}

/// Has the reader run `fill(reader, rows)`; `to` gets rows_loaded.
template <class Fill> void load_rows(const caf::actor& reader, const caf::actor& to, Fill fill) {
  auto job = [to, fill](journal::reader& from) {
    auto rows = std::make_shared<loaded_rows>();
    fill(from, *rows);
    runtime::anon_send(to, rows_loaded{std::move(rows)});
  };
  journal::read(reader, std::move(job));
}

inline constexpr std::size_t load_page = 1000;

/// The first `begin_monitoring` has the monitor's rows read; everybody who asked is answered when
/// they are there.
template <class Self, class Fill>
void begin_with_rows(Self* self, const begin_monitoring& b, Fill fill) {
  auto& s = runtime::state(self);
  auto promise = self->make_response_promise();
  if (s.begun) {
    promise.deliver(done{b.ticket});
    return;
  }
  s.router = b.router;
  s.beginners.emplace_back(promise, b.ticket);
  if (s.beginners.size() == 1)
    load_rows(s.reader, caf::actor_cast<caf::actor>(self), std::move(fill));
}

/// True when the rows could not be read: whoever asked is told so, and the next `begin_monitoring`
/// tries again.
template <class State> bool refused_to_begin(State& s, const loaded_rows& rows) {
  if (!rows.failed)
    return false;
  for (auto& [promise, ticket] : std::exchange(s.beginners, {}))
    promise.deliver(refused{ticket, rows.failed->code, rows.failed->what});
  return true;
}

template <class State> void say_begun(State& s) {
  s.begun = true;
  for (auto& [promise, ticket] : std::exchange(s.beginners, {}))
    promise.deliver(done{ticket});
}

} // namespace interject::monitors
