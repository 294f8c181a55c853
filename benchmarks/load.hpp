// A node in this process, and a driver that keeps it busy: every conversation has one request under
// way, the next goes out when the answer is there.
#pragma once

#include "actors/journal/store.hpp"
#include "benchmarks/questions.hpp"
#include "protocols/messages.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <variant>

namespace interject::bench {

using request = std::variant<open_conversation, post_activity, notify>;

struct load {
  std::size_t conversations = 0;
  std::size_t window = 0; ///< conversations that talk at once; the others follow
  /// The request number `step` of a conversation; none when it is through. Its ids and ticket are
  /// filled in here.
  std::function<std::optional<request>(std::size_t conversation, std::size_t step)> next;
  std::size_t warm_up = 0; ///< steps of each conversation that are not measured
  std::function<conversation_id(std::size_t conversation)>
      name{}; ///< null: "bench-" and the number
};

struct load_result {
  double wall = 0, cpu = 0;
  std::uint64_t answers = 0; ///< measured
  std::uint64_t refused = 0;
  std::uint64_t batches = 0;                             ///< transactions, from the beginning
  std::uint64_t said = 0;                                ///< activities of the bot, all of them
  std::uint64_t checksum = 0;                            ///< over the texts of those
  std::uint64_t resident_before = 0, resident_after = 0; ///< bytes
};

/// `measure_memory` adds the resident sizes, the heap trimmed.
load_result run_load(const load& what, std::shared_ptr<journal::store> store,
                     bool measure_memory = false);

/// A folder on the disk for the durable runs, gone afterwards.
class work_folder {
public:
  explicit work_folder(const settings& with);
  ~work_folder();
  const std::filesystem::path& path() const { return path_; }

private:
  std::filesystem::path path_;
};

request say(std::string text);

} // namespace interject::bench
