/** Who is on this board now. */
import { useLive } from "../live.ts";
import { texts } from "../texts/index.ts";
import { Avatar } from "../ui/avatar.tsx";
import type { Board } from "./context.ts";

/** More are counted. */
const most = 5;
const words = texts.board;

export function Here({ board: { store, members, me } }: { readonly board: Board }) {
  const here = [...useLive(store.presence).values()].flatMap(({ user_id, status }) => {
    const user = members.get(user_id)?.user;
    return user ? [{ user, status }] : [];
  });
  // Oneself comes last: the others are the news.
  const own = ({ user }: { readonly user: { readonly id: string } }) => (user.id === me.id ? 1 : 0);
  const people = here.sort((a, b) => own(a) - own(b));
  const rest = people.slice(most);
  return (
    <ul class="here" aria-label={texts.live.here}>
      {people.slice(0, most).map(({ user, status }) => (
        <li key={user.id}>
          <Avatar person={user} status={dotOf(status)} label={words.hereAs(user.name, words.presence[status])} />
        </li>
      ))}
      {rest.length > 0 && (
        <li class="avatars-more" title={texts.common.names(rest.map(({ user }) => user.name))}>
          {texts.common.morePeople(rest.length)}
        </li>
      )}
    </ul>
  );
}

const dotOf = (status: keyof typeof words.presence): "active" | "away" | "idle" =>
  status === "active" || status === "away" ? status : "idle";
