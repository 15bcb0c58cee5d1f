// Runs stages in an order that a seed decides: each step is of one of those that want it, or were
// woken. Time passes by a little with each step, and goes on to the next wish where nobody has
// anything to do.
#ifndef SIGNINWATCH_TESTS_DAEMON_PIPELINE_STAGE_SCHEDULER_H_
#define SIGNINWATCH_TESTS_DAEMON_PIPELINE_STAGE_SCHEDULER_H_

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <random>
#include <vector>

#include "daemon/pipeline/stages.h"
#include "tests/daemon/clock/manual_clock.h"

namespace signinwatch::pipeline {

class StageScheduler {
 public:
  StageScheduler(clock::ManualClock& clock, uint32_t seed) : clock_(clock), random_(seed) {}

  void Wake(Stage stage) { of(stage).woken = true; }

  // false: no stage will ever do anything again.
  bool Step(Stages& stages) {
    std::vector<Stage> ready;
    clock::SteadyTime next = clock::SteadyTime::max();
    for (const Stage stage : kStages) {
      const Wish& wish = of(stage);
      if (wish.last.done) continue;
      next = std::min(next, wish.last.again_at);
      if (wish.woken || wish.last.again_at <= clock_.Steady()) ready.push_back(stage);
    }
    if (ready.empty()) {
      if (next < clock::SteadyTime::max()) clock_.AdvanceTo(next);
      return next < clock::SteadyTime::max();
    }
    const Stage stage = ready[random_() % ready.size()];
    of(stage).woken = false;
    of(stage).last = stages.Step(stage, clock_.Now());
    clock_.Advance(std::chrono::microseconds(random_() % 200));
    return true;
  }

  [[nodiscard]] bool all_done() const {
    return std::all_of(wishes_.begin(), wishes_.end(),
                       [](const Wish& wish) { return wish.last.done; });
  }

 private:
  struct Wish {
    steps::StepResult last = steps::StepResult::AtOnce();
    bool woken = false;
  };
  [[nodiscard]] Wish& of(Stage stage) { return wishes_[static_cast<size_t>(stage)]; }

  clock::ManualClock& clock_;
  std::mt19937 random_;
  std::array<Wish, kStages.size()> wishes_;
};

}  // namespace signinwatch::pipeline

#endif  // SIGNINWATCH_TESTS_DAEMON_PIPELINE_STAGE_SCHEDULER_H_
