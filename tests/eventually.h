// Waiting for what another process or thread does.
#ifndef SIGNINWATCH_TESTS_EVENTUALLY_H_
#define SIGNINWATCH_TESTS_EVENTUALLY_H_

#include <chrono>
#include <thread>

namespace signinwatch {

// Whether the condition comes true within half a minute.
template <typename Condition>
bool Eventually(Condition condition) {
  for (int i = 0; i < 300; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  return false;
}

}  // namespace signinwatch

#endif  // SIGNINWATCH_TESTS_EVENTUALLY_H_
