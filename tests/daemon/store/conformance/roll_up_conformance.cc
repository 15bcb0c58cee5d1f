// Which users' tickets are left out as part of a tenant's.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/daemon/store/conformance/store_kinds.h"

namespace signinwatch::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class RollUpConformance : public StoreConformance<Store> {
 protected:
  // A revision of a user's ticket that `sinks` are told of and `rolled_up` leave out.
  static TicketRevision Child(const std::string& id, uint32_t revision, const std::string& parent,
                              std::vector<std::string> rolled_up,
                              std::vector<std::string> sinks = {}) {
    TicketRevision child = RevisionOf(id, revision, std::move(sinks));
    child.ticket.parent_ticket_id = parent;
    child.ticket.user_principal_name = id + "@Contoso.example";
    child.rolled_up = std::move(rolled_up);
    return child;
  }
  std::vector<std::string> Users(const std::string& sink, const std::string& parent, int minute) {
    RolledUp rolled_up;
    EXPECT_TRUE(store_->RolledUpUnder(sink, parent, Minute(minute), &rolled_up).ok());
    std::vector<std::string> users;
    for (const RolledUpTicket& ticket : rolled_up.shown) users.push_back(ticket.user);
    EXPECT_EQ(rolled_up.total, users.size());
    return users;
  }
  TicketRollUps Of(const std::string& ticket_id) {
    TicketRollUps roll_ups;
    EXPECT_TRUE(store_->RollUpsOf(ticket_id, &roll_ups).ok());
    return roll_ups;
  }
};

INSTANTIATE_TEST_SUITE_P(Each, RollUpConformance, testing::ValuesIn(Stores()), NameOf());

TEST_P(RollUpConformance, ThoseLeftOutAreListedBySinkAndAsOfAMoment) {
  CommitRevisions(Minute(20), {RevisionOf("p", 1, {"soc", "chat"}), Child("b", 1, "p", {"soc"})});
  CommitRevisions(Minute(21), {Child("a", 1, "p", {"soc"}), Child("b", 2, "p", {"soc"})});
  EXPECT_THAT(Users("soc", "p", 19), IsEmpty());
  EXPECT_THAT(Users("soc", "p", 20), ElementsAre("b@contoso.example")) << "in one commit with it";
  EXPECT_THAT(Users("soc", "p", 21), ElementsAre("b@contoso.example", "a@contoso.example"));
  EXPECT_THAT(Users("chat", "p", 21), IsEmpty());
  Reopen();
  const TicketRollUps parent = Of("p");
  ASSERT_EQ(parent.holds.size(), 1u);
  EXPECT_EQ(parent.holds[0].sink, "soc");
  EXPECT_EQ(parent.holds[0].tickets.total, 2u);
  EXPECT_THAT(parent.under, IsEmpty());
  const TicketRollUps child = Of("a");
  ASSERT_EQ(child.under.size(), 1u);
  EXPECT_EQ(child.under[0].sink, "soc");
  EXPECT_EQ(child.under[0].parent_ticket_id, "p");
}

TEST_P(RollUpConformance, OneThatIsToldOrGetsAnotherParentIsListedNoMoreButAsOfThen) {
  CommitRevisions(Minute(20), {RevisionOf("p", 1, {"soc"}), RevisionOf("q", 1, {"soc"}),
                               Child("a", 1, "p", {"soc"}), Child("b", 1, "p", {"soc"})});
  CommitRevisions(Minute(30), {Child("a", 2, "p", {}, {"soc"}), Child("b", 2, "q", {"soc"})});
  EXPECT_THAT(Users("soc", "p", 30), IsEmpty());
  EXPECT_THAT(Users("soc", "q", 30), ElementsAre("b@contoso.example"));
  EXPECT_THAT(Users("soc", "p", 29), ElementsAre("a@contoso.example", "b@contoso.example"));
  // Told of once, it is told to its end.
  CommitRevisions(Minute(40), {Child("a", 3, "p", {"soc"}), Child("b", 3, "p", {"soc"})});
  EXPECT_THAT(Users("soc", "p", 40), ElementsAre("b@contoso.example")) << "back again";
  EXPECT_THAT(Of("a").under, IsEmpty());
  EXPECT_THAT(WaitingOf(*store_, "soc"), ElementsAre("p#1", "q#1", "a#2", "a#3"));
}

TEST_P(RollUpConformance, OnlyTheFirstAreNamed) {
  std::vector<TicketRevision> revisions{RevisionOf("p", 1, {"soc"})};
  for (int i = 100; i < 137; ++i) {
    revisions.push_back(Child("u" + std::to_string(i), 1, "p", {"soc"}));
  }
  revisions.back().ticket.user_principal_name.clear();
  CommitRevisions(Minute(20), revisions);
  RolledUp rolled_up;
  ASSERT_TRUE(store_->RolledUpUnder("soc", "p", Minute(20), &rolled_up).ok());
  EXPECT_EQ(rolled_up.total, 37u);
  ASSERT_EQ(rolled_up.shown.size(), kRolledUpShown);
  EXPECT_EQ(rolled_up.shown[0], (RolledUpTicket{"u100", "u100@contoso.example"}));
}

}  // namespace
}  // namespace signinwatch::store
