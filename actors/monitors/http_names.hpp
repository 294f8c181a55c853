// Looks names up, each on one thread at a time. The system's look-up blocks, and cannot be cut off:
// with a thread for all of them, a name whose servers are silent would keep calls to every other
// host waiting.
#pragma once

#include "actors/monitors/http_client.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/thread_pool.hpp>

#include <map>
#include <mutex>
#include <optional>

namespace interject::monitors {

/// By getaddrinfo.
look_up_name system_names();

class name_lookup {
public:
  using addresses = std::vector<boost::asio::ip::address>;
  using callback = std::function<void(const addresses&)>;

  /// As many names at once; more wait.
  static constexpr std::size_t threads = 8;

  /// Null: the system's.
  explicit name_lookup(look_up_name by);
  /// Waits for those that are being looked up.
  ~name_lookup();

  /// `then` runs on a thread of this one; at once for what is an address itself. Who asks for a
  /// name that is being looked up shares the answer.
  void find(const std::string& name, callback then);

private:
  look_up_name by_;
  std::mutex mutex_;
  std::map<std::string, std::vector<callback>> asked_;
  std::optional<boost::asio::thread_pool> pool_; ///< from the first name on; an address needs none
};

} // namespace interject::monitors
