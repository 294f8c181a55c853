// Rasa's parse endpoint (POST /model/parse): what it is asked and what it answers. Pure.
// Source: https://rasa.com/docs/rasa/pages/http-api, "Parse a message using the Rasa model".
#pragma once

#include "protocols/monitoring.hpp"
#include "protocols/result.hpp"

#include <string>
#include <string_view>

namespace interject {

/// `{"text", "message_id"}`
std::string write_rasa_question(std::string_view text, std::string_view message_id);

/// `intent {name, confidence}` and then `intent_ranking`, those below `least` left out, best first;
/// and `entities`, each under its role if it has one, else its name, the first of a name.
/// `bad_input` when it is no such answer.
result<recognition> read_rasa_answer(std::string_view json, double least);

} // namespace interject
