// A store, and a reader, that hand everything on to another. Derive, and change what a test is
// about.
#pragma once

#include "actors/journal/store.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace interject::test {

class forwarding_reader : public journal::reader {
  template <class T> using found = result<T>;
  template <class T> using one = result<std::optional<T>>;
  template <class T> using many = result<std::vector<T>>;
  template <class T> using some = result<journal::page<T>>;
  using text = const std::string&;
  using count = std::size_t;

public:
  explicit forwarding_reader(std::unique_ptr<journal::reader> to) : inner(std::move(to)) {}

  one<journal::conversation_row> load(text id) override { return inner->load(id); }
  many<std::pair<std::string, std::uint64_t>> recent_clients(text id, count most,
                                                             time_point since) override {
    return inner->recent_clients(id, most, since);
  }
  many<journal::activity_row> history(text id, std::uint64_t after, count most) override {
    return inner->history(id, after, most);
  }
  some<journal::conversation_row> conversations(count most, text cursor) override {
    return inner->conversations(most, cursor);
  }
  one<journal::person_row> person(text user) override { return inner->person(user); }
  one<journal::stored_notification> find_notification(text id) override {
    return inner->find_notification(id);
  }
  found<named_values> person_values(text user) override { return inner->person_values(user); }
  many<journal::conversation_row> conversations_of(text user, count most) override {
    return inner->conversations_of(user, most);
  }
  many<journal::person_entry> people(std::uint64_t after, std::uint64_t until,
                                     count most) override {
    return inner->people(after, until, most);
  }
  found<std::uint64_t> newest_person() override { return inner->newest_person(); }
  found<bool> erased(std::string_view id) override { return inner->erased(id); }
  one<journal::broadcast_row> broadcast(text id) override { return inner->broadcast(id); }
  many<journal::broadcast_row> running_broadcasts() override { return inner->running_broadcasts(); }
  many<journal::stored_notification> notifications_of(text id, count most) override {
    return inner->notifications_of(id, most);
  }
  some<watch_row> watches(text only, count most, text cursor) override {
    return inner->watches(only, most, cursor);
  }
  one<watch_row> watch(text id) override { return inner->watch(id); }
  some<reminder_row> reminders(text only, count most, text cursor) override {
    return inner->reminders(only, most, cursor);
  }
  one<reminder_row> reminder(text id) override { return inner->reminder(id); }
  some<reminder_row> reminders_due(time_point until, count most, text cursor) override {
    return inner->reminders_due(until, most, cursor);
  }
  some<journal::monitor_row> kept(text prefix, count most, text cursor) override {
    return inner->kept(prefix, most, cursor);
  }
  many<call_row> calls(text only) override { return inner->calls(only); }
  many<journal::symbol_row> symbols() override { return inner->symbols(); }
  many<std::pair<conversation_id, time_point>> wakes() override { return inner->wakes(); }
  one<attached_file> file(text id) override { return inner->file(id); }
  many<attached_file> files_of(text id, count most) override { return inner->files_of(id, most); }
  many<reminder_row> reminders_for(text user) override { return inner->reminders_for(user); }
  one<std::string> bot_source(text version) override { return inner->bot_source(version); }
  many<std::pair<std::string, std::uint64_t>> pins() override { return inner->pins(); }

  std::unique_ptr<journal::reader> inner;
};

class forwarding_store : public journal::store {
public:
  explicit forwarding_store(std::shared_ptr<journal::store> to) : inner(std::move(to)) {}

  result<void> write(std::span<const journal::commit_ptr> batch,
                     std::span<result<void>> outcomes) override {
    return inner->write(batch, outcomes);
  }
  std::unique_ptr<journal::reader> open_reader() override { return inner->open_reader(); }
  bool blocks() const override { return inner->blocks(); }
  result<void> keep_bot(const std::string& version, const std::string& source) override {
    return inner->keep_bot(version, source);
  }
  result<void> check_writable() override { return inner->check_writable(); }
  result<void> sweep(time_point now) override { return inner->sweep(now); }
  result<std::size_t> sweep_bots(const journal::versions_in_use& in_use) override {
    return inner->sweep_bots(in_use);
  }
  result<void> scrub() override { return inner->scrub(); }

  std::shared_ptr<journal::store> inner;
};

} // namespace interject::test
