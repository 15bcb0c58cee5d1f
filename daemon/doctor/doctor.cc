#include "daemon/doctor/doctor.h"

#include <csignal>
#include <string>

#include "daemon/doctor/examination.h"
#include "daemon/doctor/finding.h"
#include "daemon/log/log.h"

namespace signinwatch::doctor {

int RunDoctor(const config::Config& config, const DoctorOptions& options, std::FILE* out,
              std::FILE* err) {
  constexpr int kFine = 0, kFailed = 1;
  // A peer that goes away is an error of its connection.
  std::signal(SIGPIPE, SIG_IGN);
  // What the parts log on the way is said by the findings.
  log::ConfigureLog({.format = config.serve.log.format, .level = config::LogLevel::kError});
  bool failed = false;
  bool written = true;
  Examine(config, options.config_path, clock::SystemClock(), [&](const Finding& finding) {
    failed = failed || finding.verdict == Verdict::kFail;
    const bool json = options.format == DoctorOptions::Format::kJson;
    const std::string line = json ? FindingJson(finding) : FindingText(finding);
    written = written && std::fwrite(line.data(), 1, line.size(), out) == line.size() &&
              std::fflush(out) == 0;
  });
  if (!written) std::fputs("signinwatch doctor: cannot write to standard output\n", err);
  return failed || !written ? kFailed : kFine;
}

}  // namespace signinwatch::doctor
