// What the bot says as plain text, for channels that draw no buttons or cards.
#pragma once

#include "protocols/activity.hpp"

#include <string>

namespace interject {

/// Buttons as a list below the text, numbered when it is a question: a person answers with the
/// number or the title. A page is named by its address.
void buttons_as_text(utterance& said);

/// Cards, pictures and files as lines below the text. A card's buttons join the suggested ones, so
/// that a channel with buttons but without cards still draws them.
void cards_as_text(utterance& said);

} // namespace interject
