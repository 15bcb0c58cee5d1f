#include "daemon/store/outbox.h"

#include <gtest/gtest.h>

namespace signinwatch::store {
namespace outbox_test {

TEST(Outbox, SuccessorsHaveKeysOfTheirOwn) {
  EXPECT_EQ(RemoteKey("6f0c", 1), "6f0c");
  EXPECT_EQ(RemoteKey("6f0c", 2), "6f0c-2");
  EXPECT_EQ(RemoteKey("6f0c", 17), "6f0c-17");
}

TEST(Outbox, StatesAreNamedAsTheApiSaysThem) {
  EXPECT_STREQ(RemoteStateName(RemoteState::kOpen), "open");
  EXPECT_STREQ(RemoteStateName(RemoteState::kClosed), "closed");
  EXPECT_STREQ(RemoteStateName(RemoteState::kClosedByPerson), "closed_by_person");
}

}  // namespace outbox_test
}  // namespace signinwatch::store
