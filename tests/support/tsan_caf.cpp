// ThreadSanitizer beside a CAF that was built without it. The sanitizer sees CAF's mutexes, yet not
// the atomics inside the library: those of the mailboxes and of the reference counts. So it would
// take a message for read while it is still being written. The functions here stand before CAF's
// own of the same name (the library calls them through its table of symbols) and tell the sanitizer
// what CAF 0.17.6 promises, and no more:
//   * what was done before a message was put into a mailbox is seen by whoever takes it;
//   * one turn of an actor is seen by the next, on whichever thread;
//   * what was done before a reference was dropped is seen by the thread that drops the last one.
// Linked into everything of the preset `tsan`, and into nothing else.
#include <caf/abstract_actor.hpp>
#include <caf/actor_control_block.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/ref_counted.hpp>
#include <caf/scheduled_actor.hpp>

#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>

extern "C" void __tsan_acquire(void* at);
extern "C" void __tsan_release(void* at);

namespace {

/// CAF's own function of that (mangled) name.
template <class Function> Function next(const char* name) {
  auto found = dlsym(RTLD_NEXT, name);
  if (!found) {
    std::fprintf(stderr, "tsan_caf: this CAF has no %s\n", name);
    std::abort();
  }
  return reinterpret_cast<Function>(found);
}

/// Leads to a member that CAF protects.
struct counts : caf::ref_counted {
  static auto place() { return &counts::rc_; }
};

} // namespace

// Members are written as the plain functions that they are to the linker: `this` comes first.
extern "C" {

using enqueue_t = void (*)(void*, caf::mailbox_element**, caf::execution_unit*);

// A unique_ptr with a destructor is passed by its address.
#define INTERJECT_ENQUEUE(kind, name)                                                              \
  void kind(void* self, caf::mailbox_element** what, caf::execution_unit* on) __asm__(name);       \
  void kind(void* self, caf::mailbox_element** what, caf::execution_unit* on) {                    \
    static auto original = next<enqueue_t>(name);                                                  \
    __tsan_release(self);                                                                          \
    original(self, what, on);                                                                      \
  }
INTERJECT_ENQUEUE(
    tsan_scheduled_enqueue,
    "_ZN3caf15scheduled_actor7enqueueESt10unique_ptrINS_15mailbox_elementENS_6detail8disposerEE"
    "PNS_14execution_unitE")
INTERJECT_ENQUEUE(
    tsan_blocking_enqueue,
    "_ZN3caf14blocking_actor7enqueueESt10unique_ptrINS_15mailbox_elementENS_6detail8disposerEE"
    "PNS_14execution_unitE")

#define INTERJECT_REACTIVATE "_ZN3caf15scheduled_actor10reactivateERNS_15mailbox_elementE"
int tsan_reactivate(void* self, caf::mailbox_element* what) __asm__(INTERJECT_REACTIVATE);
int tsan_reactivate(void* self, caf::mailbox_element* what) {
  static auto original = next<int (*)(void*, caf::mailbox_element*)>(INTERJECT_REACTIVATE);
  __tsan_acquire(self);
  auto how = original(self, what);
  __tsan_release(self);
  return how;
}

#define INTERJECT_ACTIVATE "_ZN3caf15scheduled_actor8activateEPNS_14execution_unitE"
bool tsan_activate(void* self, caf::execution_unit* on) __asm__(INTERJECT_ACTIVATE);
bool tsan_activate(void* self, caf::execution_unit* on) {
  static auto original = next<bool (*)(void*, caf::execution_unit*)>(INTERJECT_ACTIVATE);
  __tsan_acquire(self);
  auto alive = original(self, on);
  __tsan_release(self);
  return alive;
}

// An actor that ends throws away what still lies in its mailbox.
#define INTERJECT_CLEANUP "_ZN3caf15scheduled_actor7cleanupEONS_5errorEPNS_14execution_unitE"
bool tsan_cleanup(void* self, caf::error* why, caf::execution_unit* on) __asm__(INTERJECT_CLEANUP);
bool tsan_cleanup(void* self, caf::error* why, caf::execution_unit* on) {
  static auto original =
      next<bool (*)(void*, caf::error*, caf::execution_unit*)>(INTERJECT_CLEANUP);
  __tsan_acquire(self);
  return original(self, why, on);
}

// A visitor begins with the actor that it belongs to.
#define INTERJECT_VISIT "_ZN3caf14blocking_actor15mailbox_visitorclERNS_15mailbox_elementE"
int tsan_visit(void** visitor, caf::mailbox_element* what) __asm__(INTERJECT_VISIT);
int tsan_visit(void** visitor, caf::mailbox_element* what) {
  static auto original = next<int (*)(void**, caf::mailbox_element*)>(INTERJECT_VISIT);
  __tsan_acquire(*visitor);
  return original(visitor, what);
}

// The counts themselves are as in CAF, compiled here with the sanitizer looking on.

#define INTERJECT_DEREF "_ZNK3caf11ref_counted5derefEv"
void tsan_deref(const caf::ref_counted* x) __asm__(INTERJECT_DEREF);
void tsan_deref(const caf::ref_counted* x) {
  auto& count = const_cast<caf::ref_counted*>(x)->*counts::place();
  if (count.load(std::memory_order_acquire) == 1)
    x->request_deletion(false);
  else if (count.fetch_sub(1, std::memory_order_acq_rel) == 1)
    x->request_deletion(true);
}

#define INTERJECT_RELEASE "_ZN3caf21intrusive_ptr_releaseEPNS_19actor_control_blockE"
void tsan_release_actor(caf::actor_control_block* x) __asm__(INTERJECT_RELEASE);
void tsan_release_actor(caf::actor_control_block* x) {
  if (x->strong_refs.fetch_sub(1, std::memory_order_acq_rel) == 1) {
    x->data_dtor(x->get());
    caf::intrusive_ptr_release_weak(x);
  }
}

#define INTERJECT_RELEASE_WEAK "_ZN3caf26intrusive_ptr_release_weakEPNS_19actor_control_blockE"
void tsan_release_weak(caf::actor_control_block* x) __asm__(INTERJECT_RELEASE_WEAK);
void tsan_release_weak(caf::actor_control_block* x) {
  if (x->weak_refs.fetch_sub(1, std::memory_order_acq_rel) == 1)
    x->block_dtor(x);
}

} // extern "C"
