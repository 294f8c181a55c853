// Every message type that our actors exchange, registered in one block. Messages stay within the
// process as far as CAF is concerned (a cluster speaks its own versioned envelope), so they may
// hold any C++ type.
#pragma once

#include "actors/conversation/local_messages.hpp"
#include "actors/journal/journal_actor.hpp"
#include "actors/monitors/local_messages.hpp"
#include "actors/monitors/monitors.hpp"
#include "actors/person/local_messages.hpp"
#include "actors/runtime/caf_compat.hpp"
#include "protocols/messages.hpp"

#define INTERJECT_MESSAGES(add)                                                                      \
  add(interject::open_conversation) add(interject::post_activity) add(interject::notify) add(        \
      interject::withdraw) add(interject::reset_conversation) add(interject::create_watch)           \
      add(interject::create_reminder) add(interject::cancel_watch) add(                              \
          interject::                                                                                \
              cancel_reminder) add(interject::call_answered) add(interject::wake) add(interject::    \
                                                                                          retract)   \
          add(interject::delivery_failed) add(interject::erase_conversation) add(                    \
              interject::                                                                            \
                  set_person) add(interject::                                                        \
                                      erase_person) add(interject::journal::                         \
                                                            scrub_log) add(interject::person::       \
                                                                               join_person)          \
              add(interject::person::person_is) add(interject::person::person_committed) add(        \
                  interject::person::                                                                \
                      conversations_are) add(interject::person::                                     \
                                                 person_loaded) add(interject::person::              \
                                                                        conversations_found)         \
                  add(interject::person::member_left) add(interject::person::begin_broadcast) add(   \
                      interject::person::                                                            \
                          cancel_broadcast) add(interject::person::                                  \
                                                    slice_found) add(interject::person::             \
                                                                         broadcasts_loaded)          \
                      add(interject::opened) add(interject::posted) add(interject::decided) add(     \
                          interject::                                                                \
                              done) add(interject::                                                  \
                                            refused) add(interject::                                 \
                                                             arm_watch) add(interject::              \
                                                                                disarm_watch)        \
                          add(interject::arm_reminder) add(interject::disarm_reminder) add(          \
                              interject::                                                            \
                                  begin_call) add(interject::                                        \
                                                      cancel_call) add(interject::                   \
                                                                           cancel_deliveries)        \
                              add(interject::resend_delivery) add(interject::wake_at) add(           \
                                  interject::take_prices) add(interject::prices_taken)               \
                                  add(interject::advance_clock) add(interject::publication) add(     \
                                      interject::journal::                                           \
                                          write_commit) add(interject::journal::                     \
                                                                committed) add(interject::           \
                                                                                   journal::         \
                                                                                       read_job)     \
                                      add(interject::journal::sweep_rows) add(                       \
                                          interject::journal::                                       \
                                              flush_commits) add(interject::conversation::routed)    \
                                          add(interject::conversation::activated) add(               \
                                              interject::conversation::                              \
                                                  passivate) add(interject::conversation::           \
                                                                     drain) add(interject::          \
                                                                                    conversation::   \
                                                                                        retiring)    \
                                              add(interject::conversation::person_found) add(        \
                                                  interject::conversation::                          \
                                                      first_result) add(interject::monitors::        \
                                                                            begin_monitoring)        \
                                                  add(interject::monitors::set_alarm) add(           \
                                                      interject::monitors::                          \
                                                          alarm_rang) add(interject::monitors::      \
                                                                              rows_loaded)           \
                                                      add(interject::monitors::timer_tick) add(      \
                                                          interject::monitors::stop_waiting)         \
                                                          add(interject::monitors::allow_hosts) add( \
                                                              interject::monitors::                  \
                                                                  alert_looked_up)                   \
                                                              add(interject::monitors::              \
                                                                      feed_went_stale)               \
                                                                  add(interject::monitors::          \
                                                                          recognise)                 \
                                                                      add(interject::monitors::      \
                                                                              recognised)            \
                                                                          add(interject::            \
                                                                                  monitors::         \
                                                                                      http_done)

#define INTERJECT_ALLOW_MESSAGE(type) CAF_ALLOW_UNSAFE_MESSAGE_TYPE(type)
INTERJECT_MESSAGES(INTERJECT_ALLOW_MESSAGE)

INTERJECT_BEGIN_MESSAGES(interject_messages);
#define INTERJECT_ADD_TO_BLOCK(type) INTERJECT_ADD_MESSAGE(interject_messages, type)
INTERJECT_MESSAGES(INTERJECT_ADD_TO_BLOCK)
INTERJECT_END_MESSAGES(interject_messages)

namespace interject::runtime {

/// Call once, before the first caf::actor_system_config; with CAF 1.x after CAF's own core and io
/// modules.
inline void register_messages() {
#if INTERJECT_CAF1
  caf::init_global_meta_objects<caf::id_block::interject_messages>();
#endif
}

} // namespace interject::runtime
