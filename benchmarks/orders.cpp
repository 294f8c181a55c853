#include "benchmarks/orders.hpp"

#include "config/bot_loader.hpp"
#include "protocols/ids.hpp"
#include "protocols/result.hpp"

#include <array>

namespace interject::bench {

namespace {

constexpr auto source = R"json({
  "id": "orders", "name": "Orders", "locales": ["en"],
  "delivery": { "budget": { "per": "1s", "burst": 1000 } },
  "dialogs": {
    "order": {
      "intents": ["order"],
      "steps": [
        { "do": "ask", "id": "item", "type": "text", "into": "item", "text": "What would you like?" },
        { "do": "ask", "id": "count", "type": "number", "into": "count", "min": 1, "max": 100, "text": "How many?" },
        { "do": "ask", "id": "size", "type": "choice", "into": "size", "choices": ["small", "medium", "large"], "text": "Which size?" },
        { "do": "ask", "id": "kind", "type": "choice", "into": "kind", "choices": ["for here", "to go"], "text": "For here, or to go?" },
        { "do": "say", "text": "{count} {size} {item}, {kind}." }
      ]
    },
    "alert": {
      "params": { "price": "number" },
      "steps": [
        { "do": "ask", "id": "sell", "type": "yes_no", "into": "sell", "text": "It is at {price}. Sell it?" },
        { "do": "branch", "when": "sell", "then": [ { "do": "say", "text": "Sold." } ] }
      ]
    },
    "nest": {
      "intents": ["nest"],
      "steps": [
        { "do": "set", "into": "city", "to": "'London'" },
        { "do": "set", "into": "nights", "to": "3" },
        { "do": "set", "into": "sure", "to": "true" },
        { "do": "call", "dialog": "inner" }
      ]
    },
    "inner": {
      "steps": [
        { "do": "set", "into": "hotel", "to": "'The Strand Palace'" },
        { "do": "set", "into": "price", "to": "158.5" },
        { "do": "ask", "id": "sure", "type": "yes_no", "into": "sure", "text": "Shall I book it?" }
      ]
    }
  }
})json";

} // namespace

std::uint64_t mix(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

std::string_view orders_source() {
  return source;
}

dialog::bot_ptr orders_bot() {
  auto bot = config::bot_from_source(source);
  ensure(bot != nullptr, "the benchmark's bot has a fault");
  return bot;
}

order make_order(std::uint64_t seed, std::uint64_t conversation, std::uint64_t round) {
  static constexpr std::array items{"espresso", "flat white", "green tea", "cocoa"};
  static constexpr std::array sizes{"small", "medium", "large"};
  static constexpr std::array kinds{"for here", "to go"};
  auto r = mix(seed ^ mix(conversation ^ mix(round)));
  std::string item = items[r % items.size()];
  auto count = std::to_string(1 + (r >> 8) % 100);
  std::string size = sizes[(r >> 16) % sizes.size()];
  std::string kind = kinds[(r >> 24) % kinds.size()];
  return {{"order", item, count, size, kind},
          {"What would you like?", "How many?", "Which size?", "For here, or to go?",
           count + " " + size + " " + item + ", " + kind + "."}};
}

std::uint64_t add_text(std::uint64_t sum, std::string_view text) {
  return sum + stable_hash(text);
}

} // namespace interject::bench
