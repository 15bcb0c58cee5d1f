#include "daemon/pipeline/memory_guard.h"

#include <malloc.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <utility>

namespace signinwatch::pipeline {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLookEvery{100};
constexpr milliseconds kGiveBackEvery{5'000};

}  // namespace

size_t ResidentBytes() {
  // proc(5): the second number is the resident pages.
  std::ifstream file("/proc/self/statm");
  size_t all = 0;
  size_t resident = 0;
  if (!(file >> all >> resident)) return 0;
  return resident * static_cast<size_t>(::sysconf(_SC_PAGESIZE));
}

MemoryGuard::MemoryGuard(size_t budget, std::function<size_t()> resident,
                         std::function<void()> give_back)
    : near_(budget - budget / 8),
      resident_(std::move(resident)),
      give_back_(std::move(give_back)) {}

void MemoryGuard::GiveFreedMemoryBack() { ::malloc_trim(0); }

bool MemoryGuard::Near(clock::SteadyTime now) {
  if (now < look_at_) return is_near_;
  look_at_ = now + kLookEvery;
  is_near_ = resident_() > near_;
  if (is_near_ && now >= give_back_at_) {
    give_back_at_ = now + kGiveBackEvery;
    give_back_();
    is_near_ = resident_() > near_;
  }
  return is_near_;
}

}  // namespace signinwatch::pipeline
