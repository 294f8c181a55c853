// Both stores behind one interface, and commits to write to them.
#pragma once

#include "actors/journal/store.hpp"

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

namespace interject::journal::test {

/// A folder that goes with the test.
class scratch_folder {
public:
  scratch_folder() {
    auto pattern = (std::filesystem::temp_directory_path() / "interject-XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  scratch_folder(const scratch_folder&) = delete;
  scratch_folder& operator=(const scratch_folder&) = delete;
  ~scratch_folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::filesystem::path& path() const { return path_; }

private:
  std::filesystem::path path_;
};

inline time_point at(std::int64_t seconds) {
  return time_point(std::chrono::seconds(1'790'000'000 + seconds));
}

/// The turn after `version`, saying `texts` as the next activities.
inline commit turn(const conversation_id& id, std::uint64_t version, std::uint64_t last_seq,
                   const std::vector<std::string>& texts) {
  commit c;
  c.conversation = id;
  c.expected_version = version;
  c.state = "state " + std::to_string(version + 1);
  c.user = "ann";
  c.at = at(static_cast<std::int64_t>(version));
  for (auto& text : texts)
    c.activities.push_back({++last_seq, "", std::make_shared<const std::string>(text)});
  return c;
}

/// The row as a value of its own; the test ends when there is none.
inline conversation_row load(reader& from, const conversation_id& id) {
  auto row = from.load(id);
  if (!row || !*row)
    throw std::runtime_error("no row of " + id);
  return **row;
}

inline commit_ptr share(commit c) {
  return std::make_shared<const commit>(std::move(c));
}

struct written {
  result<void> whole;
  std::vector<result<void>> each;
};

inline written write_all(store& to, std::vector<commit> commits) {
  std::vector<commit_ptr> batch;
  for (auto& c : commits)
    batch.push_back(share(std::move(c)));
  std::vector<result<void>> outcomes(batch.size());
  auto whole = to.write(batch, outcomes);
  return {whole, outcomes};
}

/// "ok", the refusal's code, or "failed: …" for the whole transaction.
inline std::string write_one(store& to, commit c) {
  auto done = write_all(to, {std::move(c)});
  if (!done.whole)
    return std::string("failed: ") + to_string(done.whole.error().code);
  return done.each[0] ? "ok" : to_string(done.each[0].error().code);
}

} // namespace interject::journal::test
