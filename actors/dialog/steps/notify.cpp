#include "actors/dialog/notice.hpp"
#include "actors/dialog/steps/parse.hpp"

namespace interject::dialog {

namespace {

class notify_step final : public step {
public:
  const char* kind() const override { return "notify"; }
  void run(machine& m) const override {
    auto in = m.here();
    auto filled = fill(notice, local_names, in);
    auto whom = user.evaluate(in);
    auto where = conversation.evaluate(in);
    if (!filled || !whom || !where)
      return m.fail(!filled ? filled.error().what : !whom ? whom.error().what : where.error().what);
    send_notice out;
    if (!whom->is_null())
      out.user = display(*whom);
    if (!where->is_null())
      out.conversation = display(*where);
    out.what = std::move(*filled);
    out.what.from = origin::dialog;
    out.what.created = m.now();
    m.emit(std::move(out));
    m.next();
  }
  notice_template notice;
  operand user, conversation;
  std::vector<std::string> local_names;
};

} // namespace

void parse_notify(dialog_compiler& c, const value& spec) {
  constexpr std::string_view to_keys[] = {"user", "conversation"};
  auto s = std::make_unique<notify_step>();
  if (auto* to = object_member(c.faults, spec, c.pointer(), "to")) {
    auto at = c.pointer("to");
    check_keys(c.faults, *to, at, to_keys);
    if (to->as_object()->size() != 1)
      c.faults.fault(at, "expected one of \"user\" and \"conversation\"",
                     "without \"to\" it comes to this conversation");
    if (auto* user = to->find("user"))
      s->user = c.compile_operand(*user, below(at, "user"));
    if (auto* conversation = to->find("conversation"))
      s->conversation = c.compile_operand(*conversation, below(at, "conversation"));
  }
  s->notice = compile_notice(c, spec, c.pointer());
  s->local_names = c.model().locals;
  c.emit(std::move(s));
}

} // namespace interject::dialog
