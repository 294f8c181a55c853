// Messages that a monitor sends to itself, or gets from the reader. They never leave the process.
#pragma once

#include "actors/journal/store.hpp"
#include "actors/monitors/http_client.hpp"
#include "actors/monitors/price_terms.hpp"
#include "protocols/messages.hpp"

#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace interject::monitors {

/// A watch of an earlier run: a quiet one ready to be put in its place, or the whole row.
struct loaded_watch {
  watch_terms terms;
  std::string packed; ///< the row in its binary form; empty: not quiet
  std::unique_ptr<watch_row> whole;
};

/// What the reader found when a monitor began.
struct loaded_rows {
  std::vector<loaded_watch> watches;
  std::vector<journal::symbol_row> symbols;
  std::vector<reminder_row> reminders;
  std::vector<call_row> calls;
  std::vector<std::pair<conversation_id, time_point>> wakes;
  std::vector<journal::monitor_row> kept;
  bool first = true;    ///< `symbols` and `kept` come with the first part of the watches
  std::string more;     ///< where the next part of `watches` begins; empty: this is the last
  std::string cursor;   ///< of `reminders`: where the next window begins
  time_point covered{}; ///< and until when they are all
  std::optional<error> failed;
};
struct rows_loaded {
  std::shared_ptr<loaded_rows> it; ///< its only reader may take the rows out
};

/// The timer to itself: look what is due. An old generation is ignored, as CAF cannot cancel.
struct timer_tick {
  std::uint64_t generation = 0;
};

/// The timer to itself on a test clock: an answer has not come in real time; go on without it.
struct stop_waiting {
  std::uint64_t generation = 0;
};

/// A conversation to the recogniser: what does this mean? → recognised, always
struct recognise {
  std::string text;
  std::string message_id;
  std::string url;
  duration timeout{};
  double least = 0; ///< confidence
};
struct recognised {
  std::optional<recognition> it; ///< none: no answer, or none in time
};

/// An I/O thread to a monitor: a try has ended.
struct http_done {
  std::string call;
  std::uint64_t run = 0; ///< which try, over all calls
  http_answer answer;
};

/// The price monitor to itself: what became of an alert.
struct alert_looked_up {
  std::string watch;
  std::uint64_t firing = 0;
  bool said = false;
  bool withdrawn = false; ///< before anybody heard of it
};

/// A feed has brought no price of a symbol for too long.
struct feed_went_stale {
  std::string symbol;
  time_point since{};  ///< of the last one
  localized_text text; ///< over {symbol} and {since}
};

} // namespace interject::monitors
