// Listing, reading and ending the rows that belong to a conversation: watches and reminders.
#pragma once

#include "gateway/management.hpp"

namespace interject::gateway::management {

template <class Row> struct row_kind {
  const char* missing; ///< the detail of 404
  result<std::optional<Row>> (journal::reader::*find)(const std::string& id);
  result<journal::page<Row>> (journal::reader::*list)(const conversation_id& only,
                                                      std::size_t limit, const std::string& cursor);
  void (*append)(std::string& out, const Row& row);
};

/// `then(row)`, or the request has been answered.
template <class Row, class Then>
void find_row(const row_kind<Row>& kind, const exchange_ptr& x, const std::string& id, Then then) {
  x->via.read(
      x->with.reader, [find = kind.find, id](journal::reader& rows) { return (rows.*find)(id); },
      [x, missing = kind.missing, then](result<std::optional<Row>> row) {
        if (!row)
          return x->answer(problem(row.error()));
        if (!*row)
          return x->answer(problem(404, missing));
        then(**row);
      });
}

template <class Row> void list_rows(const row_kind<Row>& kind, const exchange_ptr& x) {
  auto wish = read_list_wish(x, true);
  if (!wish)
    return;
  x->via.read(
      x->with.reader,
      [list = kind.list, wish = *wish](journal::reader& rows) {
        return (rows.*list)(wish.conversation, wish.limit, wish.cursor);
      },
      [x, append = kind.append](result<journal::page<Row>> found) {
        if (!found)
          return x->answer(problem(found.error()));
        x->answer(list_response(found->items, found->next, append));
      });
}

/// 201 names the row's address.
template <class Row>
response row_response(const row_kind<Row>& kind, unsigned status, const std::string& place,
                      const Row& row) {
  std::string out;
  kind.append(out, row);
  auto r = json_response(status, std::move(out));
  if (status == 201)
    r.headers.emplace_back("Location", place + row.id);
  return r;
}

template <class Row> void get_row(const row_kind<Row>& kind, const exchange_ptr& x) {
  find_row(kind, x, x->captures.front(),
           [x, kind](const Row& row) { x->answer(row_response(kind, 200, "", row)); });
}

/// `Cancel`: the question that ends it. What it has told and nobody has heard yet goes with it.
template <class Cancel, class Row>
void delete_row(const row_kind<Row>& kind, const exchange_ptr& x) {
  find_row(kind, x, x->captures.front(), [x](const Row& row) {
    Cancel cancel;
    cancel.conversation = row.conversation;
    cancel.id = row.id;
    auto gone = [x] { x->answer({.status = 204, .body = {}, .content_type = {}, .headers = {}}); };
    auto cancelled = [x, gone, row] {
      x->via.ask(x->with.router, retract{0, row.conversation, row.notify.from, row.id},
                 x->with.how.answer_timeout, when_done(x, gone));
    };
    x->via.ask(x->with.router, std::move(cancel), x->with.how.answer_timeout,
               when_done(x, cancelled));
  });
}

} // namespace interject::gateway::management
