#include "actors/monitors/http_client.hpp"

#include "actors/monitors/http_exchange.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>
#include <unordered_map>

namespace interject::monitors {
namespace {

namespace asio = boost::asio;

class asio_http_client final : public http_client {
public:
  explicit asio_http_client(http_options how)
      : how_(std::move(how)), tls_(how_.roots),
        names_(std::make_unique<name_lookup>(how_.look_up)) {
    if (!how_.secrets)
      how_.secrets = system_secrets();
    for (int i = 0; i < std::max(how_.threads, 1); ++i)
      lanes_.push_back(std::make_unique<lane>());
  }

  ~asio_http_client() override {
    for (auto& l : lanes_)
      l->on.stop();
    for (auto& l : lanes_)
      l->thread.join();
    names_.reset(); // posts to the contexts until then
    calls_.clear(); // their sockets must go before the contexts that serve them
  }

  std::uint64_t start(http_request what, callback done) override {
    auto id = ++last_;
    auto& on = lanes_[id % lanes_.size()]->on;
    auto call = std::make_shared<exchange>(on, tls_, *names_, options(), std::move(what),
                                           [this, id, done](http_answer a) {
                                             forget(id);
                                             done(std::move(a));
                                           });
    {
      auto lock = std::lock_guard(mutex_);
      calls_.emplace(id, call);
    }
    asio::post(on, [call] { call->run(); });
    return id;
  }

  void allow(std::vector<std::string> hosts) override {
    auto lock = std::lock_guard(mutex_);
    how_.hosts = std::move(hosts);
  }

  void cancel(std::uint64_t id) override {
    std::shared_ptr<exchange> call;
    {
      auto lock = std::lock_guard(mutex_);
      auto it = calls_.find(id);
      if (it == calls_.end())
        return;
      call = std::move(it->second);
      calls_.erase(it);
    }
    asio::post(lanes_[id % lanes_.size()]->on, [call] { call->cancel(); });
  }

private:
  /// One io_context a thread, never one shared by two.
  struct lane {
    lane() : thread([this] { on.run(); }) {}
    asio::io_context on{1};
    asio::executor_work_guard<asio::io_context::executor_type> busy{on.get_executor()};
    std::thread thread;
  };

  http_options options() {
    auto lock = std::lock_guard(mutex_);
    return how_;
  }

  void forget(std::uint64_t id) {
    auto lock = std::lock_guard(mutex_);
    calls_.erase(id);
  }

  http_options how_;
  trusted_roots tls_;
  std::unique_ptr<name_lookup> names_;
  std::mutex mutex_;
  std::unordered_map<std::uint64_t, std::shared_ptr<exchange>> calls_;
  std::atomic<std::uint64_t> last_{0};
  std::vector<std::unique_ptr<lane>> lanes_;
};

} // namespace

std::shared_ptr<http_client> make_http_client(http_options how) {
  return std::make_shared<asio_http_client>(std::move(how));
}

} // namespace interject::monitors
