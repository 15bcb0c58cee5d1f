// Random choices that are the same on every platform for the same seed. (The distributions of
// <random> are not; its generators are.)
#ifndef SIGNINWATCH_TESTS_ORACLE_RANDOM_H_
#define SIGNINWATCH_TESTS_ORACLE_RANDOM_H_

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace signinwatch::oracle {

class Random {
 public:
  explicit Random(uint64_t seed) : engine_(seed * 0x9e3779b97f4a7c15 + 1) {}

  // In [0, n); n must not be 0.
  uint64_t Below(uint64_t n) { return engine_() % n; }
  // In [low, high].
  int64_t Between(int64_t low, int64_t high) {
    return low + static_cast<int64_t>(Below(static_cast<uint64_t>(high - low) + 1));
  }
  bool Percent(uint64_t percent) { return Below(100) < percent; }

  template <typename T>
  const T& Pick(const std::vector<T>& from) {
    return from[Below(from.size())];
  }
  template <typename T>
  void Shuffle(std::vector<T>* items) {
    for (size_t i = items->size(); i > 1; --i) std::swap((*items)[i - 1], (*items)[Below(i)]);
  }
  // A GUID in lower case.
  std::string Guid() {
    static constexpr char kHex[] = "0123456789abcdef";
    std::string text = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    for (char& c : text) {
      if (c == 'x') c = kHex[Below(16)];
    }
    return text;
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace signinwatch::oracle

#endif  // SIGNINWATCH_TESTS_ORACLE_RANDOM_H_
