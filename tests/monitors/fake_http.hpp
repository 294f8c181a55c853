// An HTTP client that keeps what is started until the test answers.
#pragma once

#include "actors/monitors/http_client.hpp"

#include <string>
#include <vector>

namespace interject::test {

class fake_http final : public monitors::http_client {
public:
  std::uint64_t start(monitors::http_request what, callback done) override {
    started.push_back(std::move(what));
    done_.push_back(std::move(done));
    return started.size();
  }
  void cancel(std::uint64_t call) override { cancelled.push_back(call); }

  void answer(std::size_t number, int status, std::string body = "{}",
              std::string retry_after = {}) {
    done_.at(number)({monitors::http_answer::kind::answered,
                      status,
                      std::move(body),
                      std::move(retry_after),
                      {}});
  }
  void fail(std::size_t number, monitors::http_answer::kind how, std::string why) {
    done_.at(number)({how, 0, {}, {}, std::move(why)});
  }

  std::vector<monitors::http_request> started;
  std::vector<std::uint64_t> cancelled;

private:
  std::vector<callback> done_;
};

} // namespace interject::test
