// The threads of a stage: they do nothing but call its Step when it asks for it, or is woken.
//
//   StageThreads threads(clock, [&stage](Instant now) { return stage.Step(now); });
//   threads.Start();
//   threads.Wake();    // there is something to do
//   stage.End();       // the stage decides when it is done
//   threads.Wake();
//   threads.Join();
//
// Several threads call a Step that is thread-safe; once it says that it is done all of them end.
// Signals are blocked in them: those are the main thread's, and a reader of our output that has
// gone is an error of write(2).
#ifndef SIGNINWATCH_DAEMON_STEPS_STAGE_THREADS_H_
#define SIGNINWATCH_DAEMON_STEPS_STAGE_THREADS_H_

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "daemon/clock/clock.h"
#include "daemon/steps/step_result.h"

namespace signinwatch::steps {

// Wake is for any thread, also before Start and after the end; the rest is its owner's.
class StageThreads {
 public:
  using StepFunction = std::function<StepResult(clock::Instant now)>;

  // `clock`, and what `step` calls, outlive it. The clock must run as the system's does: it is that
  // one which is waited by.
  StageThreads(const clock::Clock& clock, StepFunction step);
  ~StageThreads();  // ends behind the steps that are running, done or not
  StageThreads(const StageThreads&) = delete;
  StageThreads& operator=(const StageThreads&) = delete;

  // Once.
  void Start(int threads = 1);
  // There is a step behind each call; one step may do for several calls. Wakes one thread.
  void Wake();
  // Waits until the stage is done, at most for `timeout`. false: it is not. Without Start: true.
  [[nodiscard]] bool WaitUntilDone(std::chrono::milliseconds timeout);
  // Waits until the stage is done.
  void Join();

 private:
  void Run();

  const clock::Clock& clock_;
  const StepFunction step_;

  std::mutex mutex_;  // guards what follows
  std::condition_variable woken_, ended_;
  // Steps that are owed to those who woke; no more than there are threads, as each looks at all.
  int wakes_ = 0;
  int running_ = 0;
  bool ending_ = false;

  std::vector<std::thread> threads_;
};

}  // namespace signinwatch::steps

#endif  // SIGNINWATCH_DAEMON_STEPS_STAGE_THREADS_H_
