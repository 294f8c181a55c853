// The edges of a phase: its progress texts are counted from the first and forgotten at the second.
#pragma once

#include "actors/dialog/machine.hpp"

namespace interject::dialog {

class begin_phase_step final : public step {
public:
  explicit begin_phase_step(progress_plan p) : plan(std::move(p)) {}
  const char* kind() const override { return "progress"; }
  void run(machine& m) const override {
    m.begin_phase(m.top().pc, plan);
    m.next();
  }
  const progress_plan plan;
};

class end_phase_step final : public step {
public:
  const char* kind() const override { return "progress_end"; }
  void run(machine& m) const override {
    m.end_phase();
    m.next();
  }
};

} // namespace interject::dialog
