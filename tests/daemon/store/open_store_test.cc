#include "daemon/store/open_store.h"

#include <gtest/gtest.h>

#include "tests/daemon/store/store_samples.h"
#include "tests/daemon/temporary_folder.h"

namespace signinwatch::store {
namespace open_store_test {

TEST(OpenStore, OpensAsItWasTold) {
  const TemporaryFolder folder;
  const StoreOptions options{.path = folder.Path("store.db"), .limits = {.sinks = {"soc"}}};
  const std::unique_ptr<Store> store = MustOpen(options);
  EXPECT_EQ(DepthsOf(*store).count("soc"), 1u);
  EXPECT_FALSE(OpenStore(options).ok()) << "one process has it";
  StoreOptions reading = options;
  reading.read_only = true;
  EXPECT_EQ(MustOpen(reading)->Commit({}, {}).code(), absl::StatusCode::kPermissionDenied);
}

TEST(OpenStore, SaysWhyItCannot) {
  const TemporaryFolder folder;
  const absl::Status status = OpenStore({.path = folder.Path("none/store.db")}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
}

}  // namespace open_store_test
}  // namespace signinwatch::store
