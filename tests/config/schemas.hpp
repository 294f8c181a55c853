// The schemas of config/schema/, as an editor sees them.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <filesystem>
#include <string>
#include <vector>

namespace interject::test {

std::filesystem::path source_path(const std::string& relative);
nlohmann::json read_json_file(const std::filesystem::path& file);

/// "bot.schema.json" or "included.schema.json", read once.
const nlohmann::json& schema(const std::string& name);

/// The member at the pointer, `$ref`s followed wherever they stand on the way.
const nlohmann::json& definition(const std::string& pointer);
const nlohmann::json& resolved(const nlohmann::json& node);

/// What the schema refuses in the document: "<root>[dialogs][x]: what"; empty when it fits.
std::vector<std::string> refusals(const std::string& schema_name, const nlohmann::json& document);

/// The schema marks what the format has and the engine has not yet.
bool is_later(const nlohmann::json& property);

} // namespace interject::test
