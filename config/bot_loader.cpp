#include "config/bot_loader.hpp"

#include "config/json_document.hpp"

#include <openssl/evp.h>

#include <glob.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <tuple>

namespace interject::config {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t max_files = 1000;

std::string sha256(std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr);
  static constexpr char hex[] = "0123456789abcdef";
  std::string out;
  for (unsigned int i = 0; i < size; ++i) {
    out += hex[digest[i] >> 4];
    out += hex[digest[i] & 15];
  }
  return out;
}

std::optional<std::string> read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in)
    return {};
  std::ostringstream out;
  out << in.rdbuf();
  return std::move(out).str();
}

/// Where a place of the merged document stands: the file, and how its pointer begins there.
struct origin_of_place {
  std::size_t file = 0;
  std::string prefix;
};

class loader {
public:
  explicit loader(fs::path folder) : folder_(std::move(folder)) {}

  loaded_bot load() {
    if (read("bot.json"))
      include();
    loaded_bot out;
    if (!files_.empty() && files_[0].doc.root.as_object()) {
      auto document = merged();
      append_json(out.source, document);
      auto compiled = dialog::compile(document, sha256(out.source));
      for (auto& f : compiled.faults)
        faults_.push_back(locate(f));
      if (std::none_of(faults_.begin(), faults_.end(), [](auto& f) { return !f.warning; }))
        out.bot = std::move(compiled.it);
    }
    std::stable_sort(faults_.begin(), faults_.end(), [](auto& a, auto& b) {
      return std::tie(a.file, a.line) < std::tie(b.file, b.line);
    });
    out.faults = std::move(faults_);
    return out;
  }

private:
  struct file {
    std::string name;
    json_document doc;
  };

  bool read(const std::string& name) {
    auto text = read_file(folder_ / name);
    if (!text) {
      faults_.push_back(
          {name, 1, "", "cannot be read", "a bot is a folder with a bot.json", false});
      return false;
    }
    auto doc = read_json(*text);
    for (auto& f : doc.faults)
      faults_.push_back({name, f.line, f.pointer, f.what, "", false});
    if (!doc.root.is_null() && !doc.root.as_object())
      faults_.push_back({name, 1, "", "is no object", "a file of a bot is an object", false});
    auto usable = doc.root.as_object() != nullptr;
    files_.push_back({name, std::move(doc)});
    return usable;
  }

  void fault_of_include(std::size_t i, std::string what, std::string remedy) {
    auto pointer = "/include/" + std::to_string(i);
    faults_.push_back({"bot.json", line_of(files_[0].doc, pointer), pointer, std::move(what),
                       std::move(remedy), false});
  }

  void include() {
    auto root = files_[0].doc.root;
    auto* patterns = root.find("include");
    if (!patterns)
      return;
    auto* list = patterns->as_list();
    if (!list)
      return fault_of_include(0, "include is no list",
                              "a list of patterns like \"dialogs/*.json\"");
    for (std::size_t i = 0; i < list->size(); ++i) {
      auto* pattern = (*list)[i].as_text();
      if (!pattern || pattern->empty() || pattern->front() == '/' ||
          pattern->find("..") != std::string::npos)
        fault_of_include(i, "is no pattern within the bot's folder", "like \"dialogs/*.json\"");
      else
        include_matches(i, *pattern);
    }
  }

  void include_matches(std::size_t i, const std::string& pattern) {
    glob_t found{};
    auto rc = ::glob((folder_ / pattern).c_str(), 0, nullptr, &found);
    std::vector<std::string> names;
    for (std::size_t n = 0; rc == 0 && n < found.gl_pathc; ++n)
      names.push_back(fs::path(found.gl_pathv[n]).lexically_relative(folder_).string());
    ::globfree(&found);
    if (names.empty())
      return fault_of_include(i, "no file matches \"" + pattern + "\"", "");
    for (auto& name : names) {
      auto known =
          std::any_of(files_.begin(), files_.end(), [&](auto& f) { return f.name == name; });
      if (!known && files_.size() >= max_files)
        return fault_of_include(i, "more than 1,000 files", "");
      if (!known)
        read(name);
    }
  }

  /// One document of all files. Members of the first file keep their places.
  value merged() {
    value::object out;
    std::map<std::string, value::object> objects;
    std::map<std::string, value::list> lists;
    for (std::size_t n = 0; n < files_.size(); ++n)
      if (auto* members = files_[n].doc.root.as_object())
        for (auto& [key, v] : *members)
          merge(n, key, v, out, objects, lists);
    for (auto& [key, v] : out) {
      if (auto it = objects.find(key); it != objects.end())
        v = value(std::move(it->second));
      else if (auto it2 = lists.find(key); it2 != lists.end())
        v = value(std::move(it2->second));
    }
    return value(std::move(out));
  }

  void merge(std::size_t n, const std::string& key, const value& v, value::object& out,
             std::map<std::string, value::object>& objects,
             std::map<std::string, value::list>& lists) {
    if (key == "$schema" || (key == "include" && n == 0))
      return;
    auto step = pointer_step(key);
    auto keep_place = [&] {
      if (std::none_of(out.begin(), out.end(), [&](auto& m) { return m.first == key; }))
        out.emplace_back(key, value());
    };
    if (auto* members = v.as_object(); members && (key == "dialogs" || key == "feeds")) {
      keep_place();
      for (auto& [name, member] : *members)
        add_member(n, step, name, member, objects[key]);
    } else if (auto* items = v.as_list();
               items && (key == "events" || key == "campaigns" || key == "migrate")) {
      keep_place();
      for (std::size_t i = 0; i < items->size(); ++i) {
        auto place = "/" + step + "/" + std::to_string(lists[key].size());
        origins_[place] = {n, "/" + step + "/" + std::to_string(i)};
        lists[key].push_back((*items)[i]);
      }
    } else if (n == 0) {
      out.emplace_back(key, v);
    } else {
      fault_at(n, "/" + step, "only bot.json may have \"" + key + "\"",
               "an included file has dialogs, feeds, events, campaigns or migrate");
    }
  }

  void add_member(std::size_t n, const std::string& step, const std::string& name,
                  const value& member, value::object& into) {
    auto place = "/" + step + "/" + pointer_step(name);
    if (auto known = origins_.find(place); known != origins_.end())
      return fault_at(n, place, "\"" + name + "\" is defined twice",
                      "it also stands in " + files_[known->second.file].name);
    origins_[place] = {n, place};
    into.emplace_back(name, member);
  }

  void fault_at(std::size_t n, const std::string& pointer, std::string what, std::string remedy) {
    faults_.push_back({files_[n].name, line_of(files_[n].doc, pointer), pointer, std::move(what),
                       std::move(remedy), false});
  }

  located_fault locate(const dialog::fault& f) {
    // The longest known beginning of the pointer tells the file.
    std::size_t n = 0;
    auto pointer = f.pointer;
    for (auto cut = f.pointer.size(); cut != std::string::npos && cut > 0;
         cut = f.pointer.rfind('/', cut - 1)) {
      auto it = origins_.find(f.pointer.substr(0, cut));
      if (it != origins_.end()) {
        n = it->second.file;
        pointer = it->second.prefix + f.pointer.substr(cut);
        break;
      }
    }
    return {files_[n].name, line_of(files_[n].doc, pointer), pointer, f.what, f.remedy, f.warning};
  }

  fs::path folder_;
  std::vector<file> files_;
  std::map<std::string, origin_of_place>
      origins_; ///< place in the merged document → where it stands
  std::vector<located_fault> faults_;
};

} // namespace

std::string describe(const located_fault& f) {
  auto out = f.file + ":" + std::to_string(f.line) + ": " + (f.warning ? "warning: " : "");
  if (!f.pointer.empty())
    out += f.pointer + ": ";
  out += f.what;
  if (!f.remedy.empty())
    out += "; " + f.remedy;
  return out;
}

loaded_bot load_bot(const std::filesystem::path& folder) {
  return loader(folder).load();
}

dialog::bot_ptr bot_from_source(const std::string& source) {
  auto doc = read_json(source);
  if (!doc.faults.empty())
    return nullptr;
  return dialog::compile(doc.root, sha256(source)).it;
}

} // namespace interject::config
