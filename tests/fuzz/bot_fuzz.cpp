// Bots as files: refused with faults that have a place, or loaded; what loads can be talked to and
// is read back from its own source. After a line "%%" follows an included file.
#include "tests/fuzz/fuzz.hpp"

#include "actors/dialog/conversation.hpp"
#include "config/bot_loader.hpp"

#include <filesystem>
#include <fstream>
#include <unistd.h>

using namespace interject;

namespace {

const std::filesystem::path& folder() {
  static const auto made = [] {
    auto path =
        std::filesystem::temp_directory_path() / ("interject-fuzz-" + std::to_string(getpid()));
    std::filesystem::create_directories(path);
    std::atexit([] { std::filesystem::remove_all(folder()); });
    return path;
  }();
  return made;
}

void write(const char* name, std::string_view text) {
  std::ofstream(folder() / name, std::ios::binary) << text;
}

void talk(const dialog::bot& b) {
  dialog::conversation c;
  c.id = "c";
  c.user = "u";
  c.locale = dialog::match_locale(b, "fr-CA");
  time_point now{std::chrono::hours(24 * 365 * 50)};
  auto take = [&](const dialog::input& in) {
    c = dialog::advance(b, std::move(c), in, now).after;
    now += std::chrono::seconds(30);
    (void)dialog::next_wake(b, c);
    fuzz::must(dialog::view(b, c).size() == c.stack.size(), "every frame can be shown");
  };
  take(dialog::started{});
  for (auto& d : dialog::dialogs(b)) {
    dialog::begun in;
    in.dialog = d.id;
    in.notice = "n";
    take(in);
    for (auto* word : {"1", "yes", "hm", "2026-12-01", "help"})
      take(dialog::said{word, {}});
    if (!c.stack.empty() && !c.stack.back().call.empty())
      take(dialog::answered{c.stack.back().call, c.stack.back().generation, {}});
    take(dialog::woken{});
  }
  take(dialog::cleared{});
  fuzz::must(c.stack.empty(), "a conversation can be cleared");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 20'000)
    return 0;
  auto all = fuzz::text_of(data, size);
  auto cut = all.find("\n%%\n");
  write("bot.json", all.substr(0, cut));
  if (cut != std::string_view::npos)
    write("more.json", all.substr(cut + 4));
  else
    std::filesystem::remove(folder() / "more.json");
  auto got = config::load_bot(folder());
  bool broken = false;
  for (auto& f : got.faults) {
    fuzz::must(!f.what.empty() && f.line >= 1, "a fault says what is wrong and where");
    (void)config::describe(f);
    broken = broken || !f.warning;
  }
  fuzz::must(broken == (got.bot == nullptr), "a bot is loaded, or its faults say why not");
  if (!got.bot)
    return 0;
  auto again = config::bot_from_source(got.source);
  fuzz::must(again && dialog::version(*again) == dialog::version(*got.bot),
             "a bot is read back from its source");
  talk(*got.bot);
  return 0;
}
