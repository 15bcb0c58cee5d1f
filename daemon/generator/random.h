// Random numbers that are the same with every compiler and library: the generator's output is a
// function of its seed. (The standard leaves the algorithms of std:: distributions open.)
#ifndef SIGNINWATCH_DAEMON_GENERATOR_RANDOM_H_
#define SIGNINWATCH_DAEMON_GENERATOR_RANDOM_H_

#include <cstdint>

namespace signinwatch::generator {

// SplitMix64's output function (Steele, Lea, Flood 2014): a good mixer of one word.
[[nodiscard]] constexpr uint64_t Mix(uint64_t x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}
[[nodiscard]] constexpr uint64_t Mix(uint64_t a, uint64_t b) { return Mix(a ^ Mix(b)); }

// A SplitMix64 sequence. Eight bytes of state, so that a record's own sequence can be restarted
// from the one word that is kept of it: copies of a record are rendered from the same word.
class Random {
 public:
  explicit constexpr Random(uint64_t seed) : state_(seed) {}

  constexpr uint64_t Next() {
    const uint64_t word = Mix(state_);
    state_ += 0x9e3779b97f4a7c15;
    return word;
  }
  // 0 <= result < n, n > 0 and n < 2^32. The bias is below 2^-32.
  constexpr uint64_t Below(uint64_t n) { return ((Next() >> 32) * n) >> 32; }
  // first <= result <= last.
  constexpr int64_t Between(int64_t first, int64_t last) {
    return first + static_cast<int64_t>(Next() % static_cast<uint64_t>(last - first + 1));
  }
  constexpr bool OneIn(uint64_t n) { return Below(n) == 0; }
  constexpr bool Percent(uint64_t n) { return Below(100) < n; }

 private:
  uint64_t state_;
};

}  // namespace signinwatch::generator

#endif  // SIGNINWATCH_DAEMON_GENERATOR_RANDOM_H_
