import type { JsonObject } from '../../kernel/json.ts';
import { ok, type Refusal, type Result, refuse, refuseByGuard } from '../../kernel/result.ts';
import type { Context } from '../../policy/event.ts';
import type {
  Holding,
  Product,
  ProductCommand,
  ProductEvent,
  ProductRefusal,
} from './facts.products.ts';

export interface ProductState {
  readonly product: (Product & { readonly version: number; readonly retired: boolean }) | null;
  readonly keyTaken: boolean;
  readonly holdings: readonly Holding[];
  /** Customers whose account is not gone. */
  readonly customers: number;
  /** Collections of the vault in which this product's customers hold something. */
  readonly held: ReadonlySet<string>;
}

type Refused = Refusal<ProductRefusal>;
type Decision = Result<readonly ProductEvent[], Refused>;
type Of<Do extends ProductCommand['do']> = ProductCommand & { readonly do: Do };

/** Decides one command on products and their data maps. */
export function decideProduct(
  state: ProductState,
  command: ProductCommand,
  context: Context,
): Decision {
  if (command.do === 'addProduct') return add(state, command, context);
  const { product } = state;
  if (!product) return refuse('notFound');
  if (product.retired) return refuse('productRetired');
  switch (command.do) {
    case 'changeProduct':
      return change(state, product, command);
    case 'retireProduct':
      if (state.customers > 0) return refuse('productInUse', { count: state.customers });
      return ok([{ type: 'ProductRetired', subject: `product/${product.id}`, body: {} }]);
    case 'addHolding': {
      const holding: Holding = { id: context.newId(), ...command.holding };
      const refused = unfit(product, holding, state.holdings);
      return refused ?? ok([holdingEvent('HoldingAdded', product.id, holding)]);
    }
    case 'changeHolding':
      return changeHolding(state, product, command);
    case 'removeHolding':
      return removeHolding(state, product, command);
  }
}

function add(
  state: ProductState,
  { product: { holdings, ...fields } }: Of<'addProduct'>,
  { newId }: Context,
): Decision {
  if (state.keyTaken) return refuse('productKeyTaken', { key: fields.key });
  const product: Product = { id: newId(), ...fields };
  const map: Holding[] = holdings.map((holding) => ({ id: newId(), ...holding }));
  const refused =
    custodyUnfit(product) ??
    map.map((holding, at) => unfit(product, holding, map.slice(0, at))).find(Boolean);
  if (refused) return refused;
  return ok([
    { type: 'ProductAdded', subject: `product/${product.id}`, body: bodyOf(product), product },
    ...map.map((holding) => holdingEvent('HoldingAdded', product.id, holding)),
  ]);
}

function change(
  state: ProductState,
  known: NonNullable<ProductState['product']>,
  { version, changes }: Of<'changeProduct'>,
): Decision {
  if (known.version !== version) return refuse('versionConflict');
  const { version: _, retired: __, ...before } = known;
  const product = { ...before, ...changes } as Product;
  const old = bodyOf(before);
  const changed = Object.entries(bodyOf(product)).filter(([name, value]) => old[name] !== value);
  if (changed.length === 0) return refuse('nothingToChange');
  const [held] = product.custody === 'vault' ? [] : state.held;
  if (held) return refuse('collectionHeld', { collection: held });
  const others = state.holdings.map((holding) => unfit(product, holding, []));
  const refused = custodyUnfit(product) ?? others.find(Boolean);
  if (refused) return refused;
  const body = Object.fromEntries(changed);
  return ok([{ type: 'ProductChanged', subject: `product/${product.id}`, body, product }]);
}

function changeHolding(
  state: ProductState,
  product: Product,
  { holdingId, holding: fields }: Of<'changeHolding'>,
): Decision {
  const before = state.holdings.find(({ id }) => id === holdingId);
  if (!before) return refuse('holdingUnknown');
  const holding: Holding = { id: holdingId, ...fields };
  if (JSON.stringify(bodyOfHolding(before)) === JSON.stringify(bodyOfHolding(holding)))
    return refuse('nothingToChange');
  const others = state.holdings.filter(({ id }) => id !== holdingId);
  const moved = before.collection !== null && before.collection !== holding.collection;
  if (moved && state.held.has(before.collection))
    return refuse('collectionHeld', { collection: before.collection });
  return (
    unfit(product, holding, others) ?? ok([holdingEvent('HoldingChanged', product.id, holding)])
  );
}

/** A line of the map goes when nothing is there any more, not before. */
function removeHolding(
  state: ProductState,
  product: Product,
  { holdingId }: Of<'removeHolding'>,
): Decision {
  const before = state.holdings.find(({ id }) => id === holdingId);
  if (!before) return refuse('holdingUnknown');
  if (before.collection !== null && state.held.has(before.collection))
    return refuse('collectionHeld', { collection: before.collection });
  const body = { holding: holdingId };
  return ok([{ type: 'HoldingRemoved', subject: `product/${product.id}`, body }]);
}

/** RET-3: what is installed with the customer holds nothing with us, neither data nor keys. */
function custodyUnfit(product: Product) {
  return product.kind === 'installed' && product.custody !== 'none'
    ? refuseByGuard('RET-3', 'installedHoldsNothing')
    : null;
}

function unfit(product: Product, holding: Holding, others: readonly Holding[]) {
  const { collection } = holding;
  if (product.kind === 'installed' && collection !== null)
    return refuseByGuard('RET-3', 'installedHoldsNothing');
  if (product.kind === 'installed' && holding.controller !== 'customer')
    return refuse('installedIsCustomers');
  if (collection === null) return null;
  if (product.custody !== 'vault') return refuse('collectionWithoutVault', { collection });
  return others.some((other) => other.collection === collection)
    ? refuse('collectionMapped', { collection })
    : null;
}

function holdingEvent(
  type: 'HoldingAdded' | 'HoldingChanged',
  productId: string,
  holding: Holding,
): ProductEvent {
  return { type, subject: `product/${productId}`, body: bodyOfHolding(holding), holding };
}

function bodyOfHolding({ id, what, place, controller, collection }: Holding): JsonObject {
  return { holding: id, what: { en: what.en, ja: what.ja }, place, controller, collection };
}

function bodyOf({ key, name, kind, custody }: Product): JsonObject {
  return { key, name, kind, custody };
}
