// What can be asked, one question a file.
#pragma once

#include "benchmarks/harness.hpp"

namespace interject::bench {

sample advance_alone(const settings& with);
sample filters_over_people(const settings& with);
sample turns_in_memory(const settings& with);
sample turns_durable(const settings& with);
sample interruptions_durable(const settings& with);
sample bytes_per_conversation(const settings& with);
sample quiet_thousand(const settings& with);
sample quiet_ten_thousand(const settings& with);
sample quiet_hundred_thousand(const settings& with);
sample quiet_million(const settings& with);
sample fire_many(const settings& with);
sample fire_and_tell(const settings& with);
sample million_reminders(const settings& with);
sample ten_million_reminders(const settings& with);
sample round_trip(const settings& with);
sample hundred_clients(const settings& with);
sample half_load(const settings& with);
sample load_curve(const settings& with);
sample overload(const settings& with);
sample soak(const settings& with);
sample idle_clients(const settings& with);
sample idle_server(const settings& with);
sample start_up(const settings& with);
sample fan_out(const settings& with);
std::vector<sample> restart(const settings& with);
std::vector<sample> grown_1k(const settings& with);
std::vector<sample> grown_10k(const settings& with);
std::vector<sample> grown_100k(const settings& with);
std::vector<sample> grown_1m(const settings& with);
sample wake_ups(const settings& with);
sample broadcast_to_all(const settings& with);

// The limits and the peers: benchmarks/peers/.
sample beast_echo(const settings& with);
sample beast_fan_out(const settings& with);
std::function<sample(const settings&)> bare_rows(std::size_t turns_a_commit);
std::function<sample(const settings&)> bot_framework(const char* work);
std::function<sample(const settings&)> erlang_turns();
std::function<sample(const settings&)> bullmq_reminders();
std::function<sample(const settings&)> json_logic_filters();

} // namespace interject::bench
