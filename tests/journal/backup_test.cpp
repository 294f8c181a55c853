#define CAF_SUITE backup
#include "tests/support/caf_test.hpp"

#include "actors/journal/backup.hpp"
#include "tests/journal/stores.hpp"

#include <sys/stat.h>

#include <atomic>
#include <fstream>
#include <thread>

using namespace interject;
using namespace interject::journal;
using namespace interject::journal::test;

namespace {

std::shared_ptr<store> open(const std::filesystem::path& in) {
  auto opened = open_sqlite_store(in);
  if (!opened)
    throw std::runtime_error(opened.error().what);
  return *opened;
}

std::string refusal(const std::filesystem::path& folder, const std::filesystem::path& target) {
  auto made = back_up(folder, target);
  return made ? "made" : to_string(made.error().code);
}

} // namespace

CAF_TEST(a backup taken under load holds all that was acknowledged before it began) {
  scratch_folder from, to;
  auto s = open(from.path());
  std::atomic<std::uint64_t> acknowledged{0};
  std::atomic<bool> enough{false};
  std::thread writer([&] {
    for (std::uint64_t v = 0; !enough; ++v) {
      if (write_one(*s, turn("c1", v, v, {std::string(2000, 'x')})) != "ok")
        break;
      acknowledged = v + 1;
    }
  });
  std::uint64_t last = 0;
  for (int round = 1; round <= 3; ++round) {
    while (acknowledged < static_cast<std::uint64_t>(round) * 400)
      std::this_thread::yield();
    auto before = acknowledged.load();
    auto made = back_up(from.path(), to.path() / "interject.db");
    CAF_REQUIRE(made.has_value());
    CAF_CHECK_EQUAL(made->conversations, 1u);
    CAF_CHECK_GREATER(made->bytes, before * 2000);
    auto copy = open(to.path());
    last = load(*copy->open_reader(), "c1").last_seq;
    CAF_CHECK_GREATER_OR_EQUAL(last, before);
    CAF_CHECK_EQUAL(copy->open_reader()->history("c1", 0, 100'000)->size(), last);
  }
  enough = true;
  writer.join();
  // The copy is a database like any other: it is written on.
  auto copy = open(to.path());
  auto row = load(*copy->open_reader(), "c1");
  CAF_CHECK_EQUAL(write_one(*copy, turn("c1", row.version, row.last_seq, {"more"})), "ok");
}

CAF_TEST(a backup is one file that only its owner reads) {
  scratch_folder from, to;
  auto s = open(from.path());
  CAF_CHECK_EQUAL(write_one(*s, turn("c1", 0, 0, {"a"})), "ok");
  CAF_REQUIRE(back_up(from.path(), to.path() / "copy").has_value());
  std::size_t files = 0;
  for (auto& each : std::filesystem::directory_iterator(to.path())) {
    ++files;
    CAF_CHECK_EQUAL(each.path().filename().string(), "copy");
  }
  CAF_CHECK_EQUAL(files, 1u);
  struct stat seen {};
  CAF_REQUIRE_EQUAL(::stat((to.path() / "copy").c_str(), &seen), 0);
  CAF_CHECK_EQUAL(seen.st_mode & 0777u, 0600u);
}

CAF_TEST(an earlier backup is replaced only by a whole one) {
  scratch_folder from, to;
  auto s = open(from.path());
  CAF_CHECK_EQUAL(write_one(*s, turn("c1", 0, 0, {"a"})), "ok");
  auto target = to.path() / "copy";
  CAF_REQUIRE(back_up(from.path(), target).has_value());
  auto size = std::filesystem::file_size(target);
  scratch_folder broken;
  {
    std::ofstream garbage(broken.path() / "interject.db");
    for (int i = 0; i < 1000; ++i)
      garbage << "this is no database, it only looks like a file of that name\n";
  }
  CAF_CHECK_EQUAL(refusal(broken.path(), target), to_string(errc::unavailable));
  CAF_CHECK_EQUAL(std::filesystem::file_size(target), size);
  CAF_CHECK(!std::filesystem::exists(to.path() / "copy.part"));
  std::ofstream(to.path() / "copy.part") << "of a backup that was cut off";
  CAF_CHECK_EQUAL(refusal(from.path(), target), "made");
}

CAF_TEST(a place that cannot be is refused with its reason) {
  scratch_folder from, empty;
  auto s = open(from.path());
  CAF_CHECK_EQUAL(refusal(empty.path(), empty.path() / "copy"), to_string(errc::not_found));
  CAF_CHECK_EQUAL(refusal(from.path(), empty.path()), to_string(errc::bad_input));
  CAF_CHECK_EQUAL(refusal(from.path(), empty.path() / "nowhere" / "copy"),
                  to_string(errc::bad_input));
  CAF_CHECK_EQUAL(refusal(from.path(), from.path() / "interject.db"), to_string(errc::bad_input));
}
