import { NewChat } from './new-chat';

export default function NewChatPage() {
  return <NewChat />;
}
