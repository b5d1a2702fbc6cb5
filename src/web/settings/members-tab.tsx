/** Who belongs to the project, and as what. */
import type { Role } from "../../protocol/projects.ts";
import type { Board } from "../board/context.ts";
import { texts } from "../texts/index.ts";
import { AddMember } from "./add-member.tsx";
import { MemberRow } from "./member-row.tsx";

const words = texts.settings.members;
const rank: Record<Role, number> = { owner: 0, admin: 1, member: 2, viewer: 3 };

export function MembersTab({ board }: { readonly board: Board }) {
  const members = [...board.members.values()].sort(
    (one, other) => rank[one.role] - rank[other.role] || one.user.name.localeCompare(other.user.name),
  );
  return (
    <section class="section" aria-labelledby="members-title">
      <div class="section-head">
        <h2 id="members-title">{words.title}</h2>
        <span class="quiet">{words.count(members.length)}</span>
        <span class="spring" />
        {board.mayManage && <AddMember board={board} />}
      </div>
      <ul class="rows" aria-labelledby="members-title">
        {members.map((member) => (
          <MemberRow key={member.user_id} board={board} member={member} />
        ))}
      </ul>
      <dl class="role-rights">
        {Object.entries(words.rights).map(([role, text]) => (
          <div key={role}>
            <dt>{words.roles[role as Role]}</dt>
            <dd class="quiet">{text}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
