// Table rows to structs and back, shared by the writer and the reader.
#pragma once

#include "actors/journal/sqlite.hpp"
#include "actors/journal/store.hpp"
#include "protocols/codec/binary.hpp"

namespace interject::journal::sqlite {

/// A row that this release cannot read: written by a newer one, or damaged.
struct unreadable_row {
  std::string what;
};

template <class T> T read_blob(std::string_view bytes, const char* table) {
  T out;
  if (!decode_all(bytes, out))
    throw unreadable_row{std::string("a row of ") + table +
                         " cannot be read: damaged, or of a newer release"};
  return out;
}

std::unique_ptr<reader> open_reader(const std::filesystem::path& file);

} // namespace interject::journal::sqlite
