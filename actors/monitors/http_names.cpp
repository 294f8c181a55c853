#include "actors/monitors/http_names.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>

namespace interject::monitors {

namespace asio = boost::asio;

namespace {

std::optional<asio::ip::address> address_of(const std::string& text) {
  boost::system::error_code malformed;
  auto out = asio::ip::make_address(text, malformed);
  return malformed ? std::nullopt : std::optional(out);
}

} // namespace

look_up_name system_names() {
  return [](const std::string& name) {
    asio::io_context here;
    asio::ip::tcp::resolver by(here);
    boost::system::error_code failed;
    std::vector<std::string> out;
    for (auto& each : by.resolve(name, "", failed))
      out.push_back(each.endpoint().address().to_string());
    return out;
  };
}

name_lookup::name_lookup(look_up_name by) : by_(by ? std::move(by) : system_names()) {}

name_lookup::~name_lookup() {
  if (!pool_)
    return;
  pool_->stop();
  pool_->join();
}

void name_lookup::find(const std::string& name, callback then) {
  if (auto address = address_of(name))
    return then({*address});
  {
    auto lock = std::lock_guard(mutex_);
    auto& all = asked_[name];
    all.push_back(std::move(then));
    if (all.size() > 1)
      return;
    if (!pool_)
      pool_.emplace(threads);
  }
  asio::post(*pool_, [this, name] {
    addresses found;
    for (auto& each : by_(name))
      if (auto address = address_of(each))
        found.push_back(*address);
    std::vector<callback> all;
    {
      auto lock = std::lock_guard(mutex_);
      all = std::move(asked_.extract(name).mapped());
    }
    for (auto& each : all)
      each(found);
  });
}

} // namespace interject::monitors
