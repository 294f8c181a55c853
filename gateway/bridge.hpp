// The way from a network thread to the actors and back. One per network thread, used on that thread
// only.
#pragma once

#include "actors/journal/store.hpp"
#include "actors/person/local_messages.hpp"
#include "gateway/admission.hpp"
#include "protocols/messages.hpp"

#include <caf/actor.hpp>
#include <caf/fwd.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>

namespace interject::gateway {

using question =
    std::variant<open_conversation, post_activity, notify, withdraw, reset_conversation,
                 create_watch, create_reminder, cancel_watch, cancel_reminder, retract, take_prices,
                 resend_delivery, advance_clock, wake, set_person, erase_person, erase_conversation,
                 person::begin_broadcast, person::cancel_broadcast>;
using answer = std::variant<opened, posted, decided, done, prices_taken, refused>;

/// Any thread: runs `work` on the bridge's thread, later, in order.
using post_function = std::function<void(std::function<void()> work)>;

class bridge {
public:
  using instant = std::chrono::steady_clock::time_point;
  static constexpr std::size_t usual_bound = 2048;
  static constexpr std::chrono::milliseconds usual_wait{500};

  /// More questions under way than `bound` are refused `unavailable` at once, so that those that
  /// wait are answered soon; of what people say, also a part while answers take longer than
  /// `most_wait`: see `admission`.
  bridge(caf::actor_system& sys, post_function post, std::size_t bound = usual_bound,
         std::chrono::milliseconds most_wait = usual_wait);
  ~bridge();
  bridge(const bridge&) = delete;
  bridge& operator=(const bridge&) = delete;

  /// Chooses the ticket. `then` gets the answer once; `refused{timed_out}` when none came within
  /// `limit`.
  void ask(const caf::actor& to, question what, std::chrono::milliseconds limit,
           std::function<void(answer)> then);

  /// Whether `ask` would take what somebody says now.
  bool admits() const { return waiting_.size() < bound_ && admission_.admits(); }
  static constexpr std::string_view crowded = "more is said than the server can answer; try again";

  /// Takes no place among those under way, and hears no answer.
  void tell(const caf::actor& to, question what);

  /// Runs `job` on the reader's thread, over committed rows, and `then` here with what it gave:
  /// `unavailable` at once above the bound, `timed_out` after ten seconds.
  template <class Job, class Then> void read(const caf::actor& reader, Job job, Then then) {
    using found = std::invoke_result_t<Job&, journal::reader&>;
    auto place = std::make_shared<std::optional<found>>();
    read_erased(
        reader,
        [place, job = std::move(job)](journal::reader& rows) mutable { *place = job(rows); },
        [place, then = std::move(then)](const refused* why) mutable {
          if (why)
            then(found(error{why->code, why->what}));
          else
            then(std::move(**place));
        });
  }

  /// Called every 100 ms or so: gives up on what is overdue. `lag`: see `admission`.
  void tick(instant now, std::chrono::steady_clock::duration lag = {});

  std::size_t pending() const { return waiting_.size(); }
  /// Nothing is under way and nobody may be refused: a tick would do nothing.
  bool is_at_rest() const { return waiting_.empty() && !admission_.is_crowded(); }

private:
  struct waiting {
    std::function<void(answer)> then;
    instant since, until;
    bool said; ///< by a person, to a conversation
  };
  void read_erased(const caf::actor& reader, std::function<void(journal::reader&)> job,
                   std::function<void(const refused* why)> then);
  ticket wait(std::chrono::milliseconds limit, std::function<void(answer)> then, bool said);
  void arrived(ticket t, answer a);

  // The actor and late jobs may outlive the bridge by a moment: they reach it through this, and
  // find null.
  std::shared_ptr<bridge*> self_;
  post_function post_;
  std::size_t bound_;
  caf::actor actor_;
  ticket last_ = 0;
  std::unordered_map<ticket, waiting> waiting_;
  admission admission_;
};

} // namespace interject::gateway
