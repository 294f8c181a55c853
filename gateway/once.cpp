// A write with an Idempotency-Key on its way: looked up, run when it is new, and its answer kept
// before it is given.
#include "gateway/problem.hpp"
#include "gateway/routes.hpp"

#include <spdlog/spdlog.h>

namespace interject::gateway {

namespace {

using place_ptr = std::shared_ptr<writes_under_way::place>;

response refuse(write_verdict why) {
  if (why == write_verdict::other_body)
    return problem(422, "header Idempotency-Key: this key came with another body before; a new "
                        "request takes a new key");
  auto r = problem(409, "header Idempotency-Key: the first request with this key is under way; ask "
                        "again in a moment");
  r.headers.emplace_back("Retry-After", "1");
  return r;
}

response replay(const journal::kept_answer& a) {
  response r;
  r.status = a.status;
  r.body = a.body;
  r.content_type = a.content_type;
  if (!a.location.empty())
    r.headers.emplace_back("Location", a.location);
  r.headers.emplace_back("Idempotency-Replayed", "true");
  return r;
}

journal::kept_answer to_keep(const exchange& x, const response& r) {
  journal::kept_answer a{
      x.repeat.key, x.repeat.print, x.with.clock->now(), r.status, r.content_type, {}, r.body};
  for (auto& [name, text] : r.headers)
    if (name == "Location")
      a.location = text;
  return a;
}

void keep_then_answer(const exchange_ptr& x, const reply& give, const place_ptr& place,
                      response r) {
  if (!is_final(r.status)) {
    place->end();
    return give(std::move(r));
  }
  auto most = static_cast<std::size_t>(x->with.how.max_idempotency_keys);
  x->via.read(
      x->with.slow_reader,
      [kept = x->with.kept, a = to_keep(*x, r), most](journal::reader&) -> result<bool> {
        if (auto ok = kept->keep_answer(a, most); !ok)
          return ok.error();
        return true;
      },
      [give, place, r](result<bool> ok) {
        place->end();
        if (ok)
          return give(r);
        spdlog::error("gateway.answer_not_kept status={} why=\"{}\"", r.status, ok.error().what);
        give(problem(503, "it was done, but its answer could not be kept for a repeat: look before "
                          "you send it again"));
      });
}

void run_first(const route& r, const exchange_ptr& x, const place_ptr& place) {
  // The exchange must not hold itself: what runs holds it, and forgets it in the end.
  x->answer = [weak = std::weak_ptr(x), give = x->answer, place](response a) {
    if (auto alive = weak.lock())
      keep_then_answer(alive, give, place, std::move(a));
    else
      give(std::move(a));
  };
  try {
    r.run(x);
  } catch (const std::exception& e) {
    spdlog::error("gateway.handler_failed route=\"{} {}\" why=\"{}\"", r.method, r.pattern,
                  e.what());
    x->answer(problem(500, "an error of the server; it has been logged"));
  }
}

} // namespace

bool takes_idempotency_key(const route& r) {
  std::string_view method = r.method, pattern = r.pattern;
  return method != "GET" && r.needs != scope::open && r.needs != scope::directline &&
         !pattern.starts_with("/api/v1/notifications");
}

void run_once(const route& r, const exchange_ptr& x) {
  auto key = read_idempotency_key(*x->in.idempotency_key);
  if (!key)
    return x->answer(problem(400, key.error().what));
  if (!x->with.kept)
    return x->answer(problem(503, "header Idempotency-Key: this server keeps no answers"));
  x->repeat = identify(x->in, x->caller, *key);
  if (auto v = x->with.under_way.enter(x->repeat); v != write_verdict::run)
    return x->answer(refuse(v));
  auto place = std::make_shared<writes_under_way::place>(x->with.under_way, x->repeat.key);
  x->via.read(
      x->with.slow_reader,
      [kept = x->with.kept, id = x->repeat.key, now = x->with.clock->now()](journal::reader&) {
        return kept->find_answer(id, now);
      },
      [x, &r, place](result<std::optional<journal::kept_answer>> found) {
        auto v = write_verdict::run;
        if (found)
          v = judge(x->repeat.print, nullptr, *found ? &(*found)->print : nullptr);
        if (found && v == write_verdict::run)
          return run_first(r, x, place);
        place->end();
        if (!found)
          return x->answer(problem(found.error()));
        x->answer(v == write_verdict::replay ? replay(**found) : refuse(v));
      });
}

} // namespace interject::gateway
