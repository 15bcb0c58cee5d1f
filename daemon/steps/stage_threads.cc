#include "daemon/steps/stage_threads.h"

#include <signal.h>

#include <algorithm>
#include <utility>

namespace signinwatch::steps {

StageThreads::StageThreads(const clock::Clock& clock, StepFunction step)
    : clock_(clock), step_(std::move(step)) {}

StageThreads::~StageThreads() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    woken_.notify_all();
  }
  Join();
}

void StageThreads::Start(int threads) {
  {
    const std::lock_guard lock(mutex_);  // others may wake it already
    running_ = threads;
  }
  // A thread has the mask of the one that starts it.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { Run(); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void StageThreads::Wake() {
  const std::lock_guard lock(mutex_);
  wakes_ = std::min(wakes_ + 1, std::max(running_, 1));
  woken_.notify_one();
}

bool StageThreads::WaitUntilDone(std::chrono::milliseconds timeout) {
  std::unique_lock lock(mutex_);
  return ended_.wait_for(lock, timeout, [this] { return running_ == 0; });
}

void StageThreads::Join() {
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

void StageThreads::Run() {
  const auto is_woken = [this] { return wakes_ > 0 || ending_; };
  std::unique_lock lock(mutex_);
  while (!ending_) {
    lock.unlock();
    const StepResult next = step_(clock_.Now());
    lock.lock();
    if (next.done) {
      ending_ = true;
    } else if (next.again_at == clock::SteadyTime::max()) {
      woken_.wait(lock, is_woken);
      if (wakes_ > 0) --wakes_;
    } else if (next.again_at != clock::SteadyTime::min()) {
      woken_.wait_until(lock, next.again_at, is_woken);
      if (wakes_ > 0) --wakes_;
    }
  }
  --running_;
  woken_.notify_all();
  ended_.notify_all();
}

}  // namespace signinwatch::steps
