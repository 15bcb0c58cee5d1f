#include "detectors/change_journal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace signinwatch {
namespace change_journal_test {

using testing::IsEmpty;
using testing::UnorderedElementsAre;

const UserKey kUser(3, MakeId<UserId>("user1"));
const UserKey kTenant(3, UserId());

TEST(ChangeJournalTest, KeepsNothingBeforeItIsStarted) {
  ChangeJournal journal;
  journal.MarkUser(kUser);
  journal.MarkDeleted(RowKind::kUser, MakeId<TenantId>("tenant1"), kUser.user());
  EXPECT_FALSE(journal.on());
  EXPECT_THAT(journal.Take().users, IsEmpty());
  EXPECT_THAT(journal.Take().deleted, IsEmpty());
}

TEST(ChangeJournalTest, GivesEachChangeOnce) {
  ChangeJournal journal;
  journal.Start();
  journal.MarkUser(kUser);
  journal.MarkUser(kUser);
  journal.Mark(RowKind::kCredentials, kUser);
  journal.MarkTenant(4);
  journal.MarkTracks(kTenant);
  const ChangeJournal::Changes changes = journal.Take();
  EXPECT_THAT(changes.users, UnorderedElementsAre(kUser));
  EXPECT_THAT(changes.logs.at(RowKind::kCredentials), UnorderedElementsAre(kUser));
  EXPECT_THAT(changes.tenants, UnorderedElementsAre(UserKey(4, UserId()), kTenant));
  EXPECT_THAT(journal.Take().users, IsEmpty());
  journal.MarkTracks(kUser);
  EXPECT_THAT(journal.Take().users, UnorderedElementsAre(kUser));
}

TEST(ChangeJournalTest, NamesADeletedRowByTheTenantThatIsGone) {
  ChangeJournal journal;
  journal.Start();
  const auto tenant = MakeId<TenantId>("tenant1");
  journal.MarkDeleted(RowKind::kCredentials, tenant, kUser.user());
  const ChangeJournal::Changes changes = journal.Take();
  ASSERT_EQ(changes.deleted.size(), 1u);
  EXPECT_EQ(changes.deleted[0].key, RowKey(RowKind::kCredentials, tenant, kUser.user()));
  EXPECT_THAT(changes.deleted[0].value, IsEmpty());
}

TEST(ChangeJournalTest, StartingAnewForgets) {
  ChangeJournal journal;
  journal.Start();
  journal.MarkUser(kUser);
  journal.Start();
  EXPECT_THAT(journal.Take().users, IsEmpty());
}

}  // namespace change_journal_test
}  // namespace signinwatch
