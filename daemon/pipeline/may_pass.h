// Which errors of the store may be gone at another try (daemon/store/store.h).
#ifndef SIGNINWATCH_DAEMON_PIPELINE_MAY_PASS_H_
#define SIGNINWATCH_DAEMON_PIPELINE_MAY_PASS_H_

#include "absl/status/status.h"

namespace signinwatch::pipeline {

[[nodiscard]] inline bool MayPass(const absl::Status& status) {
  return !absl::IsDataLoss(status) && !absl::IsFailedPrecondition(status) &&
         !absl::IsInvalidArgument(status) && !absl::IsInternal(status);
}

}  // namespace signinwatch::pipeline

#endif  // SIGNINWATCH_DAEMON_PIPELINE_MAY_PASS_H_
