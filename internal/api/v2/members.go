package v2

import (
	"context"
	"fmt"
	"slices"

	"github.com/assay-project/assay/internal/api/inspector2"
	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/store"
)

// maxMembers is how many members an administrator may have.
// Source: Inspector2 user guide, "Quotas".
const maxMembers = 10_000

// The statuses of members that are used; associating takes no time here.
const (
	associated = string(inspector2.RelationshipStatusEnabled)
	removed    = string(inspector2.RelationshipStatusRemoved)
)

// associates returns the members that an administrator has now.
func associates(ctx context.Context, m membership, admin org.Account) ([]store.Member, error) {
	list, err := m.Members(ctx, admin, 0, 0)
	return slices.DeleteFunc(list, func(m store.Member) bool { return m.Status != associated }), err
}

// enableDelegatedAdminAccount names the administrator. Naming the one that is
// named already is no mistake, so that the call may be repeated.
func (o Operations) enableDelegatedAdminAccount(
	ctx context.Context, in *inspector2.EnableDelegatedAdminAccountRequest,
) (*inspector2.EnableDelegatedAdminAccountResponse, error) {
	out := &inspector2.EnableDelegatedAdminAccountResponse{DelegatedAdminAccountID: in.DelegatedAdminAccountID}
	err := o.Store.Update(ctx, func(tx *store.Tx) error {
		s, admin, err := delegating(ctx, tx, in.DelegatedAdminAccountID)
		if err != nil || s.Org.Admin == admin {
			return err
		}
		if s.Org.Admin != 0 {
			return conflict("account", s.Org.Admin.String(), "Account %s is the delegated administrator already.", s.Org.Admin)
		}
		account, err := tx.Account(ctx, admin)
		if err != nil {
			return err
		}
		if !account.Closed.IsZero() {
			return fault.New(fault.NotFound, "Account %s is closed.", admin)
		}
		s.Org.Admin = admin
		return tx.SetOrganization(ctx, s.Org)
	})
	return out, err
}

// disableDelegatedAdminAccount parts the administrator from its members, whose
// scans go on.
func (o Operations) disableDelegatedAdminAccount(
	ctx context.Context, in *inspector2.DisableDelegatedAdminAccountRequest,
) (*inspector2.DisableDelegatedAdminAccountResponse, error) {
	out := &inspector2.DisableDelegatedAdminAccountResponse{DelegatedAdminAccountID: in.DelegatedAdminAccountID}
	err := o.Store.Update(ctx, func(tx *store.Tx) error {
		s, admin, err := delegating(ctx, tx, in.DelegatedAdminAccountID)
		if err != nil {
			return err
		}
		if s.Org.Admin != admin {
			return fault.New(fault.NotFound, "Account %s is not the delegated administrator.", admin)
		}
		members, err := associates(ctx, tx, admin)
		if err != nil {
			return err
		}
		for _, m := range members {
			m.Status, m.Updated = removed, o.Now()
			if err := tx.PutMember(ctx, m); err != nil {
				return err
			}
		}
		s.Org.Admin, s.Org.AutoEnable = 0, nil
		return tx.SetOrganization(ctx, s.Org)
	})
	return out, err
}

// delegating returns where the caller stands, who must be the management
// account, and the account that is named.
func delegating(ctx context.Context, tx *store.Tx, id string) (seat, org.Account, error) {
	s, err := seatIn(ctx, tx)
	if err != nil {
		return seat{}, 0, err
	}
	if s.Account == 0 || s.Account != s.Org.Management {
		return seat{}, 0, fault.New(fault.Denied, "Only the management account may choose the delegated administrator.")
	}
	admin, err := org.ParseAccount(id)
	if err != nil {
		return seat{}, 0, fault.OnField("delegatedAdminAccountId", "%v", err)
	}
	return s, admin, nil
}

// conflict says which thing is in the way.
func conflict(kind, id, format string, args ...any) error {
	return &inspector2.ConflictException{Message: fault.New(fault.Conflict, format, args...).Error(), ResourceType: kind, ResourceID: id}
}

func (o Operations) getDelegatedAdminAccount(
	ctx context.Context, _ *inspector2.GetDelegatedAdminAccountRequest,
) (*inspector2.GetDelegatedAdminAccountResponse, error) {
	s, err := seatOf(ctx, o.Store)
	if err != nil {
		return nil, err
	}
	if s.Org.Admin == 0 {
		return nil, fault.New(fault.NotFound, "The organization has no delegated administrator.")
	}
	return &inspector2.GetDelegatedAdminAccountResponse{DelegatedAdmin: &inspector2.DelegatedAdmin{
		AccountID: s.Org.Admin.String(), RelationshipStatus: inspector2.RelationshipStatusEnabled,
	}}, nil
}

func (o Operations) listDelegatedAdminAccounts(
	ctx context.Context, in *inspector2.ListDelegatedAdminAccountsRequest,
) (*inspector2.ListDelegatedAdminAccountsResponse, error) {
	const most = 5
	s, err := seatOf(ctx, o.Store)
	if err != nil {
		return nil, err
	}
	rows := []inspector2.DelegatedAdminAccount{}
	if s.Org.Admin != 0 {
		rows = append(rows, inspector2.DelegatedAdminAccount{
			AccountID: s.Org.Admin.String(), Status: inspector2.DelegatedAdminStatusEnabled,
		})
	}
	var out inspector2.ListDelegatedAdminAccountsResponse
	out.DelegatedAdminAccounts, out.NextToken, err = cut[inspector2.DelegatedAdminAccount]{
		operation: "ListDelegatedAdminAccounts",
		key:       func(a inspector2.DelegatedAdminAccount) string { return a.AccountID },
		token:     in.NextToken, size: in.MaxResults, most: most,
	}.page(ctx, o, rows)
	return &out, err
}

// associateMember attaches an account of the organisation. It gets the scan
// types that new members get; what it had on stays on. Doing so again changes
// nothing.
func (o Operations) associateMember(
	ctx context.Context, in *inspector2.AssociateMemberRequest,
) (*inspector2.AssociateMemberResponse, error) {
	var full org.Account // the administrator, if no more fit
	err := o.Store.Update(ctx, func(tx *store.Tx) error {
		full = 0
		s, account, err := administering(ctx, tx, in.AccountID)
		if err != nil {
			return err
		}
		if account == s.Account {
			return fault.OnField("accountId", "is the administrator itself")
		}
		known, err := tx.Account(ctx, account)
		if err != nil {
			return err
		}
		if !known.Closed.IsZero() {
			return fault.OnField("accountId", "account %s is closed", account)
		}
		members, err := associates(ctx, tx, s.Account)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(members, func(m store.Member) bool { return m.Account == account }) {
			return nil
		}
		if len(members) >= maxMembers {
			full = s.Account
			return fault.New(fault.Quota, "An administrator may have at most %d members.", maxMembers)
		}
		err = tx.PutMember(ctx, store.Member{Account: account, Admin: s.Account, Status: associated, Updated: o.Now()})
		if err != nil || len(s.Org.AutoEnable) == 0 {
			return err
		}
		return o.changeIn(ctx, tx, account, func(settings *org.Settings) error {
			*settings = settings.Switch(true, o.Now(), s.Org.AutoEnable...)
			return nil
		})
	})
	if full != 0 {
		if failed := o.tellFull(ctx, full); failed != nil {
			err = failed
		}
	}
	return &inspector2.AssociateMemberResponse{AccountID: in.AccountID}, err
}

// tellFull tells the receivers of an administrator's events that no more members
// can be enabled.
// Source: Amazon Inspector User Guide, "Amazon EventBridge event schema", event
// type "Inspector2 AutoEnable".
func (o Operations) tellFull(ctx context.Context, admin org.Account) error {
	reason := fmt.Sprintf("The number of members has reached the limit of %d.", maxMembers)
	return o.Store.Update(ctx, func(tx *store.Tx) error {
		return tx.Emit(ctx, admin, "autoenable.failed", admin.String(), map[string]string{"reason": reason}, o.Now())
	})
}

// disassociateMember makes a member a stand-alone account, whose scans go on.
func (o Operations) disassociateMember(
	ctx context.Context, in *inspector2.DisassociateMemberRequest,
) (*inspector2.DisassociateMemberResponse, error) {
	err := o.Store.Update(ctx, func(tx *store.Tx) error {
		s, account, err := administering(ctx, tx, in.AccountID)
		if err != nil {
			return err
		}
		m, err := memberOf(ctx, tx, s.Account, account)
		if err != nil || m.Status == removed {
			return err
		}
		m.Status, m.Updated = removed, o.Now()
		return tx.PutMember(ctx, m)
	})
	return &inspector2.DisassociateMemberResponse{AccountID: in.AccountID}, err
}

// administering returns where the caller stands, who must be the administrator,
// and the account that is named.
func administering(ctx context.Context, tx *store.Tx, id string) (seat, org.Account, error) {
	s, err := seatIn(ctx, tx)
	if err != nil {
		return seat{}, 0, err
	}
	if err := s.mustAdminister(); err != nil {
		return seat{}, 0, err
	}
	account, err := org.ParseAccount(id)
	if err != nil {
		return seat{}, 0, fault.OnField("accountId", "%v", err)
	}
	return s, account, nil
}

// memberOf returns a member, or former member, of an administrator.
func memberOf(ctx context.Context, from membership, admin, account org.Account) (store.Member, error) {
	m, err := from.Member(ctx, account)
	if err == nil && m.Admin != admin {
		err = fault.New(fault.NotFound, "Account %s is not a member.", account)
	}
	return m, err
}

// getMember answers the administrator about each of its members, and a member
// about itself.
func (o Operations) getMember(ctx context.Context, in *inspector2.GetMemberRequest) (*inspector2.GetMemberResponse, error) {
	s, err := seatOf(ctx, o.Store)
	if err != nil {
		return nil, err
	}
	account, err := org.ParseAccount(in.AccountID)
	if err != nil {
		return nil, fault.OnField("accountId", "%v", err)
	}
	admin := s.Account
	if account == s.Account {
		admin = s.Org.Admin
	}
	m, err := memberOf(ctx, o.Store, admin, account)
	if err != nil {
		return nil, err
	}
	answer := memberAnswer(m)
	return &inspector2.GetMemberResponse{Member: &answer}, nil
}

func memberAnswer(m store.Member) inspector2.Member {
	return inspector2.Member{
		AccountID: m.Account.String(), RelationshipStatus: inspector2.RelationshipStatus(m.Status),
		DelegatedAdminAccountID: m.Admin.String(), UpdatedAt: m.Updated,
	}
}

// listMembers answers whoever is no administrator that it has no members.
func (o Operations) listMembers(ctx context.Context, in *inspector2.ListMembersRequest) (*inspector2.ListMembersResponse, error) {
	const most = 50
	s, err := seatOf(ctx, o.Store)
	if err != nil {
		return nil, err
	}
	all := in.OnlyAssociated != nil && !*in.OnlyAssociated
	rows := []inspector2.Member{}
	if s.administers() {
		list, err := o.Store.Members(ctx, s.Account, 0, 0)
		if err != nil {
			return nil, err
		}
		for _, m := range list {
			if all || m.Status == associated {
				rows = append(rows, memberAnswer(m))
			}
		}
	}
	var out inspector2.ListMembersResponse
	out.Members, out.NextToken, err = cut[inspector2.Member]{
		operation: "ListMembers", asked: all,
		key:   func(m inspector2.Member) string { return m.AccountID },
		token: in.NextToken, size: in.MaxResults, most: most,
	}.page(ctx, o, rows)
	return &out, err
}

func (o Operations) describeOrganizationConfiguration(
	ctx context.Context, _ *inspector2.DescribeOrganizationConfigurationRequest,
) (*inspector2.DescribeOrganizationConfigurationResponse, error) {
	s, err := seatOf(ctx, o.Store)
	if err != nil {
		return nil, err
	}
	if err := s.mustAdminister(); err != nil {
		return nil, err
	}
	members, err := associates(ctx, o.Store, s.Account)
	if err != nil {
		return nil, err
	}
	full, services := len(members) >= maxMembers, autoEnable(s.Org.AutoEnable)
	return &inspector2.DescribeOrganizationConfigurationResponse{AutoEnable: &services, MaxAccountLimitReached: &full}, nil
}

// updateOrganizationConfiguration sets what new members get. A service that is
// not named stays as it is.
func (o Operations) updateOrganizationConfiguration(
	ctx context.Context, in *inspector2.UpdateOrganizationConfigurationRequest,
) (*inspector2.UpdateOrganizationConfigurationResponse, error) {
	asked := map[org.Service]*bool{
		org.EC2: &in.AutoEnable.Ec2, org.ECR: &in.AutoEnable.Ecr, org.Lambda: in.AutoEnable.Lambda,
		org.LambdaCode: in.AutoEnable.LambdaCode, org.CodeRepository: in.AutoEnable.CodeRepository,
	}
	var after []org.Service
	err := o.Store.Update(ctx, func(tx *store.Tx) error {
		s, err := seatIn(ctx, tx)
		if err != nil {
			return err
		}
		if err := s.mustAdminister(); err != nil {
			return err
		}
		before := s.Org.AutoEnable
		s.Org.AutoEnable = nil
		for _, service := range org.Services() {
			want := asked[service]
			if want == nil && slices.Contains(before, service) || want != nil && *want {
				s.Org.AutoEnable = append(s.Org.AutoEnable, service)
			}
		}
		services := s.Org.AutoEnable
		if slices.Contains(services, org.LambdaCode) && !slices.Contains(services, org.Lambda) {
			return fault.OnField("autoEnable.lambdaCode", "needs autoEnable.lambda")
		}
		after = services
		return tx.SetOrganization(ctx, s.Org)
	})
	return &inspector2.UpdateOrganizationConfigurationResponse{AutoEnable: autoEnable(after)}, err
}

func autoEnable(services []org.Service) inspector2.AutoEnable {
	has := func(service org.Service) *bool {
		on := slices.Contains(services, service)
		return &on
	}
	return inspector2.AutoEnable{
		Ec2: *has(org.EC2), Ecr: *has(org.ECR), Lambda: has(org.Lambda),
		LambdaCode: has(org.LambdaCode), CodeRepository: has(org.CodeRepository),
	}
}
