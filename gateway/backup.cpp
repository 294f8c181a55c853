#include "gateway/backup.hpp"

#include "actors/journal/backup.hpp"

#include <iostream>

namespace interject::gateway {

int backup(const backup_options& how) {
  auto made = journal::back_up(how.data, how.target);
  if (!made) {
    std::cerr << "interject: no backup was made: " << made.error().what << '\n';
    return 1;
  }
  std::cout << how.target << ": " << made->bytes << " bytes, " << made->conversations
            << " conversations\n";
  return 0;
}

} // namespace interject::gateway
