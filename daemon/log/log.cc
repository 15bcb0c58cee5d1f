#include "daemon/log/log.h"

#include <chrono>

#include "daemon/clock/clock.h"
#include "daemon/log/logger.h"

namespace signinwatch::log {
namespace {

Logger& GlobalLogger() {
  // Never destroyed: threads may log until the very end.
  static auto& logger = *new Logger({}, 2, [] {
    return std::chrono::floor<std::chrono::milliseconds>(clock::SystemClock().Wall());
  });
  return logger;
}

}  // namespace

void ConfigureLog(const config::LogConfig& config, int fd) { GlobalLogger().Configure(config, fd); }

void Log(config::LogLevel level, std::string_view message, std::initializer_list<LogField> fields) {
  GlobalLogger().Log(level, message, fields);
}

LogCounts GetLogCounts() { return GlobalLogger().counts(); }

}  // namespace signinwatch::log
