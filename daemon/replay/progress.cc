#include "daemon/replay/progress.h"

#include <algorithm>

#include "daemon/replay/terminal.h"

namespace signinwatch::replay {
namespace {

constexpr std::chrono::milliseconds kInterval{200};

}  // namespace

std::string FormatBytes(double bytes) {
  constexpr const char* kUnits[] = {"B", "kB", "MB", "GB", "TB", "PB"};
  size_t unit = 0;
  while (bytes >= 999.5 && unit + 1 < std::size(kUnits)) {
    bytes /= 1000;
    ++unit;
  }
  char text[32];
  std::snprintf(text, sizeof(text), unit > 0 && bytes < 9.95 ? "%.1f %s" : "%.0f %s", bytes,
                kUnits[unit]);
  return text;
}

Progress::Progress(std::FILE* err, std::optional<uint64_t> total_bytes, const clock::Clock& clock)
    : err_(err),
      enabled_(IsTerminal(err)),
      total_bytes_(total_bytes),
      clock_(clock),
      next_(start_ + kInterval) {}

void Progress::Show(uint64_t bytes, size_t tickets) {
  if (!enabled_) return;
  const clock::SteadyTime now = clock_.Steady();
  if (now < next_) return;
  next_ = now + kInterval;
  const double seconds = std::chrono::duration<double>(now - start_).count();
  std::string line = FormatBytes(static_cast<double>(bytes));
  if (total_bytes_.has_value() && *total_bytes_ > 0) {
    const uint64_t percent = std::min<uint64_t>(100, bytes * 100 / *total_bytes_);
    line += " of " + FormatBytes(static_cast<double>(*total_bytes_)) + " (" +
            std::to_string(percent) + " %)";
  }
  line += ", " + FormatBytes(static_cast<double>(bytes) / seconds) + "/s, " +
          std::to_string(tickets) + " tickets";
  std::fprintf(err_, "\r%s\x1b[K", FitColumns(line, TerminalColumns(err_) - 1, false).c_str());
  std::fflush(err_);
  shown_ = true;
}

void Progress::Clear() {
  if (!shown_) return;
  std::fputs("\r\x1b[K", err_);
  std::fflush(err_);
  shown_ = false;
}

}  // namespace signinwatch::replay
