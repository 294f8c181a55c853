// Holds the table of who may include whom, and reads the `#include` lines of the tree: link lines
// cannot, as the distribution puts every header on the path. It checks direction, never taste.
#define CAF_SUITE tidy
#include "tests/support/caf_test.hpp"

#include "tests/tidy/sources.hpp"

#include <map>
#include <set>

using namespace interject::tidy;

namespace {

// ---- the table

/// The longest matching `path` is a file's room. It may include files that begin with one of
/// `sees`.
struct room {
  const char* path;
  std::vector<const char*> sees;
  bool pure = false; ///< reaches no library below, not even through what it includes
};

const std::vector<room> rooms{
    {"protocols/", {"protocols/"}},
    {"actors/dialog/", {"protocols/", "actors/dialog/"}, true},
    {"actors/delivery/", {"protocols/", "actors/delivery/"}, true},
    {"actors/journal/", {"protocols/", "actors/journal/", "actors/runtime/"}},
    {"actors/person/", {"protocols/", "actors/person/", "actors/journal/", "actors/runtime/"}},
    {"actors/person/profile", {"protocols/", "actors/person/profile"}, true},
    {"actors/person/filter", {"protocols/", "actors/person/profile", "actors/person/filter"}, true},
    {"actors/person/quiet", {"protocols/", "actors/person/quiet"}, true},
    {"actors/person/broadcast.hpp", {"protocols/", "actors/person/filter"}, true},
    {"actors/monitors/", {"protocols/", "actors/monitors/", "actors/journal/", "actors/runtime/"}},
    {"actors/conversation/", {"protocols/", "actors/"}},
    {"actors/runtime/", {"protocols/", "actors/"}},
    {"config/", {"protocols/", "actors/dialog/", "actors/delivery/", "config/"}},
    {"gateway/", {"protocols/", "actors/", "config/", "gateway/"}},
};

/// A conversation's turn is pure: it puts dialog and delivery together, and its actor carries it
/// out.
const std::vector<const char*> turn_files{
    "actors/conversation/turn", "actors/conversation/state.hpp", "actors/conversation/input.hpp",
    "actors/conversation/notices", "actors/conversation/policy"};
const std::vector<const char*> turn_sees{
    "protocols/",
    "actors/dialog/",
    "actors/delivery/",
    "actors/journal/store.hpp",
    "actors/conversation/turn",
    "actors/conversation/state.hpp",
    "actors/conversation/input.hpp",
    "actors/conversation/notices",
    "actors/conversation/policy",
    "actors/person/profile",
    "actors/person/quiet",
};

/// Libraries that only some files may see. `*` in a file's pattern stands for any text.
struct library {
  const char* name;
  std::vector<const char*> headers; ///< beginnings
  std::vector<const char*> files;
};

const std::vector<library> libraries{
    {"CAF",
     {"caf/"},
     {"actors/*_actor.*", "actors/monitors/monitors.hpp", "actors/conversation/local_messages.hpp",
      "actors/conversation/live*", "actors/person/local_messages.hpp", "actors/runtime/*",
      "gateway/bridge.*", "gateway/services.hpp", "gateway/serve.*", "gateway/demo.*",
      "gateway/chat_here.*"}},
    {"SQL",
     {"sqlite3.h", "libpq", "postgresql/"},
     {"actors/journal/*_store.*", "actors/journal/sqlite.*",
      "actors/journal/sqlite_checkpointer.cpp"}},
    {"sockets",
     {"boost/asio", "boost/beast", "sys/socket.h", "netinet/", "arpa/inet.h", "netdb.h",
      "openssl/ssl.h"},
     {"*_session.*", "actors/monitors/http_*", "gateway/*"}},
    {"ICU",
     {"unicode/"},
     {"actors/dialog/*_icu.*", "actors/dialog/fold.cpp", "actors/person/quiet.cpp",
      "protocols/recurrence.cpp"}},
    {"JSON",
     {"nlohmann/", "simdjson", "boost/json", "rapidjson/", "valijson/"},
     {"protocols/codec/*", "config/*", "gateway/*"}},
};

// ---- the checks

struct fault {
  std::string where; ///< file:line
  std::string why;
};
using faults = std::vector<fault>;

void add(faults& out, const source& file, std::size_t line, std::string why) {
  out.push_back({file.path + ":" + std::to_string(line), std::move(why)});
}

bool begins_with_one_of(const std::string& text, const std::vector<const char*>& beginnings) {
  for (auto* start : beginnings)
    if (text.starts_with(start))
      return true;
  return false;
}

const room* room_of(const std::string& path) {
  const room* best = nullptr;
  for (auto& r : rooms)
    if (path.starts_with(r.path) &&
        (!best || std::string(r.path).size() > std::string(best->path).size()))
      best = &r;
  return best;
}

bool in_turn(const std::string& path) {
  return begins_with_one_of(path, turn_files);
}

bool may_see(const library& lib, const std::string& path) {
  for (auto* pattern : lib.files)
    if (matches(pattern, path))
      return true;
  return false;
}

const library* library_of(const std::string& header) {
  for (auto& lib : libraries)
    if (begins_with_one_of(header, lib.headers))
      return &lib;
  return nullptr;
}

void check_direction(const source& file, const include& line, faults& out) {
  const room* home = room_of(file.path);
  if (!home)
    return;
  const auto& sees = in_turn(file.path) ? turn_sees : home->sees;
  if (line.quoted && !begins_with_one_of(line.header, sees)) {
    add(out, file, line.number,
        room_of(line.header) ? std::string(home->path) + " may not see " + line.header
                             : "quoted includes begin at the repository's root: " + line.header);
  }
  const auto* lib = library_of(line.header);
  if (lib && !may_see(*lib, file.path))
    add(out, file, line.number, line.header + " is " + lib->name + ", which this file may not see");
}

/// A pure file must not reach a library through what it includes either.
void check_purity(const source& file, const std::map<std::string, const source*>& tree,
                  faults& out) {
  const room* home = room_of(file.path);
  if (!home || !(home->pure || in_turn(file.path)))
    return;
  std::set<std::string> seen{file.path};
  std::vector<const source*> open{&file};
  while (!open.empty()) {
    const auto* next = open.back();
    open.pop_back();
    for (auto& line : next->includes) {
      if (const auto* lib = library_of(line.header);
          lib && next != &file && !may_see(*lib, file.path))
        add(out, file, 1,
            "is pure, but reaches " + std::string(lib->name) + " through " + next->path);
      auto it = tree.find(line.header);
      if (line.quoted && it != tree.end() && seen.insert(line.header).second)
        open.push_back(it->second);
    }
  }
}

void check_header(const source& file, const include& line, faults& out) {
  if (!file.path.ends_with(".hpp"))
    return;
  if (line.header == "caf/all.hpp")
    add(out, file, line.number, "a header includes the CAF headers that it needs, not all of them");
  if (line.header == "nlohmann/json.hpp")
    add(out, file, line.number,
        "a header takes nlohmann/json_fwd.hpp; the source includes json.hpp");
}

/// Where packages come from is the business of whoever builds. Written in two parts each, as this
/// file is read, too.
void check_hosts(const source& file, faults& out) {
  static const std::vector<std::string> hosts{
      std::string("npm") + "js.org",        std::string("npm") + "js.com",
      std::string("yarn") + "pkg.com",      std::string("py") + "pi.org",
      std::string("python") + "hosted.org", std::string("crates") + ".io",
      std::string("proxy.") + "golang.org", std::string("ruby") + "gems.org",
      std::string("deb.") + "debian.org",   std::string("repo1.") + "maven.org"};
  for (auto& host : hosts)
    if (auto at = file.text.find(host); at != std::string::npos)
      add(out, file, line_of(file.text, at), "names the package registry " + host);
}

void check_size(const source& file, faults& out) {
  constexpr std::size_t most = 400 * 1024;
  if (file.size > most)
    add(out, file, 1, "has " + std::to_string(file.size) + " bytes; 409600 are the most");
}

faults check(const std::vector<source>& files) {
  std::map<std::string, const source*> tree;
  for (auto& file : files)
    tree[file.path] = &file;
  faults out;
  for (auto& file : files) {
    for (auto& line : file.includes) {
      check_direction(file, line, out);
      check_header(file, line, out);
    }
    check_purity(file, tree, out);
    check_hosts(file, out);
    check_size(file, out);
  }
  return out;
}

std::string found(std::vector<source> planted) {
  std::string all;
  for (auto& f : check(planted))
    all += (all.empty() ? "" : "\n") + f.where + " " + f.why;
  return all;
}

/// "#" stands apart so that no line of this file is an include of the planted kind.
source plant(std::string path, const std::string& header) {
  return parse(std::move(path), "// planted\n#"
                                "include " +
                                    header + "\n");
}

} // namespace

CAF_TEST(the tree keeps to the table) {
  const auto files = read_tree(INTERJECT_SOURCE_DIR);
  CAF_MESSAGE(files.size() << " files");
  std::size_t sources = 0, lines = 0;
  for (auto& file : files) {
    sources += room_of(file.path) != nullptr;
    lines += file.includes.size();
  }
  CAF_CHECK_GREATER(sources, 50u); // the walk has met the rooms
  CAF_CHECK_GREATER(lines, 200u);
  for (auto& f : check(files))
    CAF_ERROR(f.where << ": " << f.why);
}

CAF_TEST(every folder of actors has a row in the table) {
  for (auto& file : read_tree(INTERJECT_SOURCE_DIR)) {
    const bool code = file.path.ends_with(".cpp") || file.path.ends_with(".hpp");
    if (code && (file.path.starts_with("actors/") || file.path.starts_with("protocols/")) &&
        !room_of(file.path))
      CAF_ERROR(file.path << " is in no room of the table");
  }
  CAF_CHECK(room_of("actors/elsewhere/x.cpp") == nullptr);
}

CAF_TEST(a planted include is found with its line and the reason) {
  const struct {
    const char *path, *header, *finding;
  } table[] = {
      {"actors/delivery/decide.cpp", "\"actors/dialog/bot.hpp\"",
       "actors/delivery/decide.cpp:2 actors/delivery/ may not see actors/dialog/bot.hpp"},
      {"actors/dialog/advance.cpp", "\"actors/delivery/decide.hpp\"",
       "actors/dialog/advance.cpp:2 actors/dialog/ may not see actors/delivery/decide.hpp"},
      {"protocols/ids.cpp", "\"actors/runtime/clock.hpp\"",
       "protocols/ids.cpp:2 protocols/ may not see actors/runtime/clock.hpp"},
      {"actors/journal/journal_actor.cpp", "\"gateway/http.hpp\"",
       "actors/journal/journal_actor.cpp:2 actors/journal/ may not see gateway/http.hpp"},
      {"config/bot_loader.cpp", "\"actors/runtime/node.hpp\"",
       "config/bot_loader.cpp:2 config/ may not see actors/runtime/node.hpp"},
      {"actors/conversation/turn.cpp", "\"actors/runtime/clock.hpp\"",
       "actors/conversation/turn.cpp:2 actors/conversation/ may not see actors/runtime/clock.hpp"},
      {"actors/delivery/decide.cpp", "\"decide.hpp\"",
       "actors/delivery/decide.cpp:2 quoted includes begin at the repository's root: decide.hpp"},
      {"actors/delivery/decide.cpp", "<caf/actor.hpp>",
       "actors/delivery/decide.cpp:2 caf/actor.hpp is CAF, which this file may not see"},
      {"actors/conversation/turn.hpp", "<caf/fwd.hpp>",
       "actors/conversation/turn.hpp:2 caf/fwd.hpp is CAF, which this file may not see"},
      {"actors/journal/journal_actor.cpp", "<sqlite3.h>",
       "actors/journal/journal_actor.cpp:2 sqlite3.h is SQL, which this file may not see"},
      {"actors/monitors/price_actor.cpp", "<boost/asio/post.hpp>",
       "actors/monitors/price_actor.cpp:2 boost/asio/post.hpp is sockets, which this file may not "
       "see"},
      {"actors/dialog/text.cpp", "<nlohmann/json.hpp>",
       "actors/dialog/text.cpp:2 nlohmann/json.hpp is JSON, which this file may not see"},
      {"protocols/value.cpp", "<simdjson.h>",
       "protocols/value.cpp:2 simdjson.h is JSON, which this file may not see"},
      {"actors/runtime/node.hpp", "<caf/all.hpp>",
       "actors/runtime/node.hpp:2 a header includes the CAF headers that it needs, not all of "
       "them"},
      {"gateway/json.hpp", "<nlohmann/json.hpp>",
       "gateway/json.hpp:2 a header takes nlohmann/json_fwd.hpp; the source includes json.hpp"},
  };
  for (auto& row : table)
    CAF_CHECK_EQUAL(found({plant(row.path, row.header)}), row.finding);
}

CAF_TEST(what the table allows is not reported) {
  const std::pair<const char*, const char*> table[] = {
      {"actors/delivery/queue.cpp", "\"actors/delivery/queue.hpp\""},
      {"actors/delivery/decide.cpp", "<algorithm>"},
      {"actors/dialog/text_icu.cpp", "<unicode/msgfmt.h>"},
      {"actors/conversation/turn.cpp", "\"actors/delivery/decide.hpp\""},
      {"actors/conversation/conversation_actor.cpp", "<caf/stateful_actor.hpp>"},
      {"actors/journal/sqlite_store.cpp", "<sqlite3.h>"},
      {"actors/monitors/http_session.cpp", "<boost/beast/http.hpp>"},
      {"protocols/codec/activity_read.cpp", "<simdjson.h>"},
      {"gateway/json.hpp", "<nlohmann/json_fwd.hpp>"},
      {"tests/delivery/queue_test.cpp", "<caf/all.hpp>"},
  };
  for (auto& [path, header] : table)
    CAF_CHECK_EQUAL(found({plant(path, header)}), "");
}

CAF_TEST(a pure file is caught when it reaches a library through another) {
  CAF_CHECK_EQUAL(
      found({plant("actors/delivery/decide.cpp", "\"protocols/codec/binary.hpp\""),
             plant("protocols/codec/binary.hpp", "<simdjson.h>")}),
      "actors/delivery/decide.cpp:1 is pure, but reaches JSON through protocols/codec/binary.hpp");
}

CAF_TEST(registry hosts and big files are found) {
  const auto host = std::string("registry.") + "npm" + "js.org";
  CAF_CHECK_EQUAL(
      found({parse("package-lock.json", "{\n\n\"resolved\": \"https://" + host + "/x\"}")}),
      "package-lock.json:3 names the package registry " + host.substr(9));
  CAF_CHECK_EQUAL(found({parse("a.bin", std::string(400 * 1024, 'x'))}), "");
  CAF_CHECK_EQUAL(found({parse("a.bin", std::string(400 * 1024 + 1, 'x'))}),
                  "a.bin:1 has 409601 bytes; 409600 are the most");
}

CAF_TEST(include lines are read as the compiler reads them) {
  const auto file = parse("x.hpp", "#pragma once\n  #  "
                                   "include \"a/b.hpp\" // why\n// #"
                                   "include <no>\n#"
                                   "include<c/d.hpp>\nint include;\n");
  CAF_REQUIRE_EQUAL(file.includes.size(), 2u);
  CAF_CHECK_EQUAL(file.includes[0].header, "a/b.hpp");
  CAF_CHECK(file.includes[0].quoted);
  CAF_CHECK_EQUAL(file.includes[0].number, 2u);
  CAF_CHECK_EQUAL(file.includes[1].header, "c/d.hpp");
  CAF_CHECK(!file.includes[1].quoted);
  CAF_CHECK_EQUAL(file.includes[1].number, 4u);
}
